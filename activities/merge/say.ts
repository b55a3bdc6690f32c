import { cancellationSignal, heartbeat, sleep } from '@temporalio/activity';
import { deliver } from '../../adapters/peers/client.ts';
import { isOstinatoError, messageOf } from '../../domain/errors/error.ts';
import type { Peer } from '../../domain/peers/directory.ts';
import { beating } from '../beating.ts';
import type { ValidatorDeps } from '../cycle/deps.ts';
import type { MergeActivities } from './activities.ts';

/** Deadlines are blocks; what came within this time of the last look makes no difference to them. */
const lookEveryMs = 400;
const sayAgainMs = 1_000;

export const keepMessage =
  ({ ledger }: ValidatorDeps): MergeActivities['keepMessage'] =>
  async ({ message }) => {
    await ledger.peers.record(message, message.block);
  };

/** Delivering twice is delivering once, so an attempt that was cut off begins anew. */
export const sayToPeers =
  ({ ledger, chain, log }: ValidatorDeps): MergeActivities['sayToPeers'] =>
  async ({ message, peers, until }) => {
    await ledger.peers.record(message, message.block);
    const signal = cancellationSignal();
    const tell = async ({ hotkey, url }: Peer): Promise<boolean> => {
      if (url === null) return false;
      try {
        await deliver(url, message, { signal });
        return true;
      } catch (error) {
        if (signal.aborted) throw error;
        const refused = isOstinatoError(error, 'OST_PEER_REFUSED');
        const fields = { event: 'peer_unreached', hotkey, purpose: message.purpose, err: messageOf(error) };
        if (refused) log.warn(fields, `${hotkey} refused ${message.purpose}: ${messageOf(error)}`);
        else log.debug(fields, `${hotkey} does not answer`);
        return false;
      }
    };
    let left = peers;
    for (;;) {
      // A peer that hangs takes longer than a beat may be away.
      const told = await beating(() => Promise.all(left.map(async (peer) => ({ peer, done: await tell(peer) }))));
      left = told.filter(({ done }) => !done).map(({ peer }) => peer);
      if (left.length === 0 || (await chain.head()).number > until) break;
      await sleep(sayAgainMs);
    }
    return { unreached: left.map(({ hotkey }) => hotkey) };
  };

export const awaitMessages =
  ({ ledger, chain, netuid }: ValidatorDeps): MergeActivities['awaitMessages'] =>
  async ({ purpose, cycle, from, until }) => {
    for (;;) {
      heartbeat();
      const spoke = await ledger.peers.list({ genesis: chain.genesis, netuid, cycle, purpose });
      const missing = from.filter((hotkey) => spoke.every(({ message }) => message.from !== hotkey));
      if (missing.length === 0 || (await chain.head()).number > until) return;
      await sleep(lookEveryMs);
    }
  };
