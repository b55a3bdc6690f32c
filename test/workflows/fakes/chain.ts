import { cancellationSignal, heartbeat } from '@temporalio/activity';
import type { BlockRef } from '../../../domain/chain.ts';
import { blocks } from '../../../domain/units.ts';

interface Waiter {
  readonly block: number;
  readonly wake: () => void;
}

/**
 * A chain whose time passes when somebody waits for it: the head moves to an awaited block at once, as long as that
 * is not beyond what the test allows. So a cycle runs as fast as it can, and stops where the test wants to look.
 */
export class FakeChain {
  head: number;
  #allowed: number;
  readonly #waiters = new Set<Waiter>();

  constructor(head: number, allowed: number) {
    this.head = head;
    this.#allowed = allowed;
  }

  /** Lets the head go up to a block; what was allowed before stays allowed. */
  allow(block: number): void {
    this.#allowed = Math.max(block, this.#allowed);
    const ready = [...this.#waiters].filter((waiter) => waiter.block <= block);
    for (const { wake } of ready.toSorted((a, b) => a.block - b.block)) wake();
  }

  /** Time that passes while nobody waits for it. */
  jump(block: number): void {
    this.head = block;
    this.allow(block);
  }

  async awaitBlock({ block }: { readonly block: number }): Promise<BlockRef> {
    if (block > this.#allowed) await untilCancelledOr((wake) => this.#wait({ block, wake }));
    this.head = Math.max(this.head, block);
    return { number: blocks(this.head), hash: '0x00' };
  }

  #wait(waiter: Waiter): () => void {
    this.#waiters.add(waiter);
    return () => this.#waiters.delete(waiter);
  }
}

/**
 * Waits inside an activity, with the heartbeats on which a cancellation travels. `begin` returns what ends the wait.
 */
async function untilCancelledOr(begin: (wake: () => void) => () => void): Promise<void> {
  const signal = cancellationSignal();
  const beat = setInterval(() => heartbeat(), 200);
  let end: () => void = () => undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      end = begin(resolve);
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
  } finally {
    clearInterval(beat);
    end();
  }
}

/** An activity that does nothing until it is cancelled, and then fails with the cancellation. */
export const untilCancelled = (): Promise<never> =>
  untilCancelledOr(() => () => undefined).then(() => {
    throw new Error('nobody wakes it');
  });

/** An activity, and a promise that it has been called. */
export function called<T>(answer: () => Promise<T>): {
  readonly promise: Promise<void>;
  readonly run: () => Promise<T>;
} {
  const { promise, resolve } = Promise.withResolvers<void>();
  return {
    promise,
    run: () => {
      resolve();
      return answer();
    },
  };
}
