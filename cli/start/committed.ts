import type { ChainClient } from '../../adapters/chain/client.ts';
import type { ChainCommitment } from '../../domain/chain.ts';
import { type CommitPayload, readCommitPayload } from '../../domain/commit-payload.ts';
import { phaseRange, type Schedule } from '../../domain/phases.ts';
import { type Blocks, blocks, type Hotkey, type Netuid } from '../../domain/units.ts';
import type { CommittedSubmission } from '../../server/model/deps.ts';

interface Slot {
  readonly payload: CommitPayload;
  readonly block: Blocks;
}
type Slots = ReadonlyMap<Hotkey, Slot>;

/**
 * What miners committed in a cycle, as the roster will have it. Both reads are at fixed blocks that never change
 * again, so one read serves all uploads of a cycle.
 */
export class CommittedSubmissions {
  readonly #chain: ChainClient;
  readonly #netuid: Netuid;
  readonly #schedule: () => Schedule;
  #read: { readonly cycle: number; readonly slots: Promise<readonly [Slots, Slots]> } | null = null;

  constructor(chain: ChainClient, netuid: Netuid, schedule: () => Schedule) {
    this.#chain = chain;
    this.#netuid = netuid;
    this.#schedule = schedule;
  }

  /** Null where one half is missing or is no such commitment. */
  async find(hotkey: Hotkey, cycle: number): Promise<CommittedSubmission | null> {
    const [first, second] = await this.#slots(cycle);
    const signed = first.get(hotkey);
    const revealed = second.get(hotkey);
    if (signed?.payload.kind !== 'signature' || revealed?.payload.kind !== 'hash') return null;
    const { modelHash, version, group } = revealed.payload;
    return { modelHash, version, group, signature: signed.payload.signature, commitBlock: revealed.block };
  }

  #slots(cycle: number): Promise<readonly [Slots, Slots]> {
    if (this.#read?.cycle !== cycle) {
      const slots = Promise.all([this.#at(cycle, 'MinerCommit1'), this.#at(cycle, 'MinerCommit2')]);
      this.#read = { cycle, slots };
      // A failed read must not be what later uploads are told.
      slots.catch(() => {
        this.#read = null;
      });
    }
    return this.#read.slots;
  }

  async #at(cycle: number, phase: 'MinerCommit1' | 'MinerCommit2'): Promise<Slots> {
    const { start, end } = phaseRange(this.#schedule(), cycle, phase);
    const commitments = await this.#chain.commitments(this.#netuid, blocks(end + 1));
    return new Map(commitments.filter(({ block }) => block >= start).map(slotOf));
  }
}

const slotOf = ({ hotkey, text, block }: ChainCommitment): readonly [Hotkey, Slot] => [
  hotkey,
  {
    block,
    payload: readCommitPayload(text),
  },
];
