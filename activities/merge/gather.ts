import { cancellationSignal } from '@temporalio/activity';
import { isAuthentic } from '../../adapters/peers/check.ts';
import { listMessages, type RelayedMessage } from '../../adapters/peers/client.ts';
import { messageOf } from '../../domain/errors/error.ts';
import { readAnnouncement, readReport, readVouch } from '../../domain/merge/messages.ts';
import type { PeerAccess } from '../../domain/peers/access.ts';
import { bodyDigest, type PeerPurpose } from '../../domain/peers/message.ts';
import { beating } from '../beating.ts';
import type { ValidatorDeps } from '../cycle/deps.ts';
import type { GatherInput, MergeActivities } from './activities.ts';

export const gatherAnnouncements =
  (deps: ValidatorDeps): MergeActivities['gatherAnnouncements'] =>
  async (input) =>
    (await gather(deps, 'merge-announce', input)).flatMap(({ message, inTime }) => {
      const announcement = readAnnouncement(message.body);
      // Nonsense under a signature is as good as nothing said.
      return announcement === null
        ? []
        : [{ ...announcement, hotkey: message.from, digest: bodyDigest(message.body), inTime }];
    });

export const gatherVouches =
  (deps: ValidatorDeps): MergeActivities['gatherVouches'] =>
  async (input) =>
    (await gather(deps, 'merge-vouch', input)).flatMap(({ message, inTime }) => {
      const vouch = readVouch(message.body);
      return vouch === null || !inTime ? [] : [{ hotkey: message.from, seen: vouch.seen }];
    });

export const gatherReports =
  (deps: ValidatorDeps): MergeActivities['gatherReports'] =>
  async (input) =>
    (await gather(deps, 'merge-result', input)).flatMap(({ message }) => {
      const report = readReport(message.body);
      return report === null ? [] : [{ ...report, hotkey: message.from }];
    });

interface Gathered extends RelayedMessage {
  readonly inTime: boolean;
}

/**
 * Everything of a purpose that this validator or one of its peers holds. A message is in time when any of them had it
 * by the block: between honest validators the one that heard it tells the others, so that all have the same. Whoever
 * lies about it moves nothing: what counts in the end is what more than half of the stake vouches for.
 */
async function gather(deps: ValidatorDeps, purpose: PeerPurpose, input: GatherInput): Promise<readonly Gathered[]> {
  const { ledger, chain, netuid, verify, log } = deps;
  const { cycle, peers, sources, by } = input;
  const scope = { genesis: chain.genesis, netuid, cycle, purpose };
  const known = new Set<string>(peers);
  const own = await ledger.peers.list(scope);
  const ask = async (source: PeerAccess): Promise<readonly RelayedMessage[]> => {
    try {
      return await listMessages(source, { purpose, cycle }, { signal: cancellationSignal() });
    } catch (error) {
      if (cancellationSignal().aborted) throw error;
      const fields = { event: 'peer_unheard', hotkey: source.target, purpose, err: messageOf(error) };
      log.debug(fields, `${source.target} does not say what it has`);
      return [];
    }
  };
  const relayed = await beating(() => Promise.all(sources.map(ask)));
  const found = new Map<string, Gathered>(own.map((each) => [keyOf(each), { ...each, inTime: isInTime(each, by) }]));
  for (const each of relayed.flat()) {
    const { message } = each;
    const before = found.get(keyOf(each));
    if (before?.inTime === true || !known.has(message.from)) continue;
    if (message.genesis !== scope.genesis || message.netuid !== netuid) continue;
    if (before === undefined) {
      if (!isAuthentic(message, verify)) continue;
      await ledger.peers.record(message, each.receivedAtBlock);
    }
    found.set(keyOf(each), { ...each, inTime: isInTime(each, by) });
  }
  return [...found.values()].filter(({ message }) => known.has(message.from));
}

const keyOf = ({ message }: RelayedMessage): string => `${message.from}/${bodyDigest(message.body)}`;

const isInTime = ({ message, receivedAtBlock }: RelayedMessage, by: number): boolean =>
  message.block <= by && receivedAtBlock <= by;
