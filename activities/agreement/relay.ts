import { cancellationSignal, heartbeat } from '@temporalio/activity';
import { isAuthentic } from '../../adapters/peers/check.ts';
import { listMessages } from '../../adapters/peers/client.ts';
import { messageOf } from '../../domain/errors/error.ts';
import type { PeerAccess } from '../../domain/peers/access.ts';
import { bodyDigest, type PeerPurpose, type SignedPeerMessage } from '../../domain/peers/message.ts';
import type { Hotkey } from '../../domain/units.ts';
import type { ValidatorDeps } from '../cycle/deps.ts';

export interface Wanted {
  readonly purpose: PeerPurpose;
  readonly cycle: number;
  /** Whose messages are of interest: the directory's. */
  readonly authors: ReadonlySet<Hotkey>;
}

/**
 * Asks peers for messages that they hold and keeps those that are new here. They count as having come now, whatever the
 * peer says: else a friend of a liar could vouch for a digest that was made after the others' tables were shown.
 */
export async function relay(
  deps: Pick<ValidatorDeps, 'chain' | 'ledger' | 'netuid' | 'verify' | 'log'>,
  sources: readonly PeerAccess[],
  wanted: Wanted,
): Promise<void> {
  heartbeat();
  const found = await Promise.all(sources.map((source) => listOf(deps, source, wanted)));
  const { number: head } = await deps.chain.head();
  const fresh = new Map<string, SignedPeerMessage>();
  for (const message of found.flat()) fresh.set(`${message.from}/${bodyDigest(message.body)}`, message);
  for (const message of fresh.values()) {
    if (isOurs(deps, wanted, message) && isAuthentic(message, deps.verify)) {
      await deps.ledger.peers.record(message, head);
    }
  }
  heartbeat();
}

const isOurs = (
  { chain, netuid }: Pick<ValidatorDeps, 'chain' | 'netuid'>,
  { authors }: Wanted,
  message: SignedPeerMessage,
): boolean => authors.has(message.from) && message.genesis === chain.genesis && message.netuid === netuid;

async function listOf(
  { log }: Pick<ValidatorDeps, 'log'>,
  source: PeerAccess,
  { purpose, cycle }: Wanted,
): Promise<readonly SignedPeerMessage[]> {
  try {
    const list = await listMessages(source, { purpose, cycle }, { signal: cancellationSignal() });
    return list.map(({ message }) => message);
  } catch (error) {
    if (cancellationSignal().aborted) throw cancellationSignal().reason;
    const fields = { event: 'peer_unheard', hotkey: source.target, purpose, err: messageOf(error) };
    log.debug(fields, `${source.target} does not say what it has`);
    return [];
  }
}
