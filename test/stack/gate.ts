import { setTimeout as sleep } from 'node:timers/promises';
import type { Devnet } from '../../devnet/chain/start.ts';

const patienceMs = 150_000;

/** Repeats a look until it finds something. */
export async function until<T>(what: string, look: () => Promise<T | null>, pollMs = 20): Promise<T> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    if (Date.now() > deadline) throw new Error(`${what} never came`);
    await sleep(pollMs);
  }
}

/** A chain that stands still until the test builds the next block. */
export class Gate {
  readonly net: Devnet;

  constructor(net: Devnet) {
    this.net = net;
  }

  get head(): number {
    return this.net.head().number;
  }

  /** Builds blocks until the head is at `block`. */
  async to(block: number): Promise<void> {
    while (this.head < block) {
      await this.net.buildBlock();
      // Clients see each head, as they do on a chain with a clock.
      await sleep(5);
    }
  }

  async build(): Promise<void> {
    await this.to(this.head + 1);
  }

  /** Signed extrinsics that wait for a block. */
  async pending(): Promise<readonly string[]> {
    return (await this.#call('author_pendingExtrinsics', [])) as readonly string[];
  }

  /** Puts a signed extrinsic into the pool. */
  async submit(bytes: string): Promise<void> {
    await this.#call('author_submitExtrinsic', [bytes]);
  }

  /** Waits until that many extrinsics wait for a block. */
  untilPending(count: number): Promise<readonly string[]> {
    return until(`${count} extrinsics in the pool`, async () => {
      const pending = await this.pending();
      return pending.length >= count ? pending : null;
    });
  }

  async #call(method: string, params: readonly unknown[]): Promise<unknown> {
    const answer = await fetch(this.net.url.replace('ws:', 'http:'), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    });
    const { result, error } = (await answer.json()) as { readonly result?: unknown; readonly error?: unknown };
    if (error !== undefined) throw new Error(`${method}: ${JSON.stringify(error)}`);
    return result;
  }
}
