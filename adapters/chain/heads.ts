import { setTimeout as delay } from 'node:timers/promises';
import type { BlockRef } from '../../domain/chain.ts';
import type { Connection, SubscriptionMethods } from './connection.ts';

/** How often the head is asked for although nothing was heard: a subscription can die without a word. */
const silenceMs = 8_000;
/** Blocks that a late listener is caught up by at most; beyond it the stream goes on from the newest. */
const maximumGap = 5_000;

export interface HeadSource {
  readonly methods: SubscriptionMethods;
  /** The newest block now. */
  readonly current: () => Promise<BlockRef>;
  readonly at: (number: number) => Promise<BlockRef>;
}

/**
 * One shared subscription that many listen to. A notice is only a wake-up; what counts is the block that is asked for
 * then, so that a lost, doubled or late notice does no harm.
 */
export class HeadFeed {
  readonly #connection: Connection;
  readonly #source: HeadSource;
  readonly #listeners = new Set<() => void>();
  #started = false;
  #end: (() => Promise<void>) | null = null;

  constructor(connection: Connection, source: HeadSource) {
    this.#connection = connection;
    this.#source = source;
  }

  /** Resolves at the next notice, at `signal`, or after a while in which none came. */
  async #changed(signal: AbortSignal | undefined): Promise<void> {
    await this.#start();
    const stop = new AbortController();
    const wake = () => stop.abort();
    this.#listeners.add(wake);
    signal?.addEventListener('abort', wake, { once: true });
    try {
      await delay(silenceMs, undefined, { signal: stop.signal, ref: false });
    } catch {
      // Woken: the ordinary case.
    } finally {
      this.#listeners.delete(wake);
      signal?.removeEventListener('abort', wake);
    }
  }

  async #start(): Promise<void> {
    if (this.#started) return;
    this.#started = true;
    const wake = () => {
      for (const listener of [...this.#listeners]) listener();
    };
    // Blocks that pass while the connection is down give no notice, so its return is one.
    this.#connection.onReady(wake);
    try {
      this.#end = await this.#connection.subscribe(this.#source.methods, wake);
    } catch {
      this.#started = false;
    }
  }

  /**
   * Every block from the newest on (or from `from`), in order and without gaps. A reorganisation shows as a block
   * whose number is not above the last one's; what was built on the replaced ones has to be read again.
   */
  async *blocks(from: number | null, signal?: AbortSignal): AsyncGenerator<BlockRef, void, undefined> {
    let last: BlockRef | null = null;
    let next = from;
    while (!signal?.aborted) {
      // Begin to listen before the question, so that a block between the two is not missed.
      const changed = this.#changed(signal);
      const head = await this.#source.current().catch(() => null);
      if (head !== null) {
        const news: readonly BlockRef[] = await this.#since(last, next, head);
        for (const block of news) {
          last = block;
          next = block.number + 1;
          yield block;
        }
        if (news.length > 0) continue;
      }
      await changed;
    }
  }

  /** The blocks to report for a new head; as many as could be read without a gap. */
  async #since(last: BlockRef | null, next: number | null, head: BlockRef): Promise<readonly BlockRef[]> {
    if (last !== null && head.number <= last.number) return head.hash === last.hash ? [] : [head];
    const news: BlockRef[] = [];
    let number = Math.max(next ?? head.number, head.number - maximumGap);
    for (; number < head.number; number++) {
      const block = await this.#source.at(number).catch(() => null);
      if (block === null) return news;
      news.push(block);
    }
    if (number === head.number) news.push(head);
    return news;
  }

  async stop(): Promise<void> {
    await this.#end?.();
    this.#end = null;
  }
}
