import { proxyActivities } from '@temporalio/workflow';
import type { MergeActivities } from '../../activities/merge/activities.ts';
import type { SignerActivities } from '../../activities/signer/activities.ts';
import type { CyclePlan } from '../../domain/cycle-plan.ts';
import type { PeerAccess } from '../../domain/peers/access.ts';
import type { Peer } from '../../domain/peers/directory.ts';
import { everybody, type PeerPurpose, type SignedPeerMessage, statementOf } from '../../domain/peers/message.ts';
import { cycleIndex } from '../../domain/phases.ts';
import { type Queues, queuesOf } from '../../temporal/ids.ts';
import { presets } from '../../temporal/presets.ts';
import { BlockClock } from '../shared/block-clock.ts';

/** A merge's activities, by the kind of work that decides their time limits. */
export const mergeActivities = (queues: Queues) => ({
  ledger: proxyActivities<MergeActivities>({ ...presets.ledger, taskQueue: queues.ledger }),
  reads: proxyActivities<MergeActivities>({
    ...presets.chainRead,
    startToCloseTimeout: '2m',
    taskQueue: queues.ledger,
  }),
  /** What talks to peers, or waits for them. */
  peers: proxyActivities<MergeActivities>({ ...presets.transfer, taskQueue: queues.transfer }),
  device: proxyActivities<MergeActivities>({ ...presets.evaluate, taskQueue: queues.gpu }),
});

type Whose = Pick<CyclePlan, 'genesis' | 'netuid' | 'hotkey'>;

/** A validator's voice among its peers: what it says is signed here, and so is what it asks for. */
export class PeerVoice {
  readonly queues: Queues;
  readonly clock: BlockClock;
  readonly #whose: Whose;
  readonly #cycle: number;

  /** @param cycle the originals' index */
  constructor(whose: Whose, cycle: number, blockTimeMs: CyclePlan['blockTimeMs']) {
    this.#whose = whose;
    this.#cycle = cycle;
    this.queues = queuesOf('validator', whose.hotkey);
    this.clock = new BlockClock(this.queues.chain, blockTimeMs);
  }

  static of(plan: CyclePlan): PeerVoice {
    return new PeerVoice(plan, cycleIndex(plan.schedule, plan.cycle), plan.blockTimeMs);
  }

  get cycle(): number {
    return this.#cycle;
  }

  /** A message to all peers, signed for the head as it is now. */
  async message(purpose: PeerPurpose, body: string): Promise<SignedPeerMessage> {
    const { number: block } = await this.clock.head();
    const { genesis, netuid, hotkey: from } = this.#whose;
    const message = { purpose, genesis, netuid, cycle: this.#cycle, from, to: everybody, block, body } as const;
    const summary = `${purpose} at block ${block}`;
    const { signature } = await this.#signer.signMessage.executeWithOptions({ summary }, [
      { purpose: 'peer', statement: statementOf(message) },
    ]);
    return { ...message, signature };
  }

  /** The right to ask peers, each by a signature of its own; good for the next few blocks. */
  async access(peers: readonly Peer[]): Promise<readonly PeerAccess[]> {
    const reachable = peers.flatMap(({ hotkey, url }) => (url === null ? [] : [{ target: hotkey, url }]));
    if (reachable.length === 0) return [];
    const { number: block } = await this.clock.head();
    const { signatures } = await this.#signer.signMessages.executeWithOptions(
      { summary: `to ${reachable.length} peers` },
      [{ messages: reachable.map(({ target }) => ({ purpose: 'download' as const, targetHotkey: target, block })) }],
    );
    return reachable.map(({ target, url }, i) => ({
      url,
      target,
      origin: this.#whose.hotkey,
      block,
      signature: signatures[i] ?? '',
    }));
  }

  get #signer() {
    return proxyActivities<SignerActivities>({ ...presets.sign, taskQueue: this.queues.signer });
  }
}
