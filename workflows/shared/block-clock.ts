import { type ActivityInterfaceFor, proxyActivities, sleep } from '@temporalio/workflow';
import type { ClockActivities } from '../../activities/clock/await-block.ts';
import type { BlockRef } from '../../domain/chain.ts';
import type { Blocks, Milliseconds } from '../../domain/units.ts';
import { presets } from '../../temporal/presets.ts';

/**
 * Time as the chain tells it. A durable timer covers the estimated distance, so that a wait of an hour needs no
 * process; then the chain is asked, and only its answer counts.
 */
export class BlockClock {
  readonly #chain: ActivityInterfaceFor<ClockActivities>;
  readonly #blockTimeMs: Milliseconds;
  #last: { readonly head: BlockRef; readonly atMs: number } | null = null;

  constructor(chainQueue: string, blockTimeMs: Milliseconds) {
    this.#chain = proxyActivities<ClockActivities>({ ...presets.blockWait, taskQueue: chainQueue });
    this.#blockTimeMs = blockTimeMs;
  }

  /** The head as the chain gives it now. */
  async head(): Promise<BlockRef> {
    return this.#saw(
      await this.#chain.awaitBlock.executeWithOptions({ summary: 'the head' }, [{ block: 0 as Blocks }]),
    );
  }

  /** Waits until the head is at `block` or beyond, and says where it is. */
  async reach(block: Blocks, purpose: string): Promise<BlockRef> {
    if (this.#last === null) await this.head();
    const last = this.#last;
    if (last === null || last.head.number >= block) return last?.head ?? (await this.head());
    // One block early: the estimate may be long, and the activity waits out the rest to the very block.
    const estimateMs = (block - last.head.number - 1) * this.#blockTimeMs - (workflowTimeMs() - last.atMs);
    if (estimateMs > 0) await sleep(estimateMs, { summary: `about block ${block}: ${purpose}` });
    const wait = this.#chain.awaitBlock.executeWithOptions({ summary: `block ${block}: ${purpose}` }, [{ block }]);
    return this.#saw(await wait);
  }

  /** The workflow's own, replayed time, for durations in logs. */
  timeMs(): number {
    return workflowTimeMs();
  }

  #saw(head: BlockRef): BlockRef {
    this.#last = { head, atMs: workflowTimeMs() };
    return head;
  }
}

/** The workflow's own, replayed time; in the sandbox `Date` gives no other. */
const workflowTimeMs = (): number => Date.now();
