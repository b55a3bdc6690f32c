import { type ChainClient, connectChain } from '../../adapters/chain/client.ts';
import type { BenchEndpoint } from './open.ts';
import type { Result } from './result.ts';

const atMostMiB = 10;
/** Not counted: the first ones fill the caches of recent blocks and let the compiler settle. */
const warmUp = 100;
const patienceMs = 60_000;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function until(what: () => boolean, failure: string): Promise<void> {
  const deadline = Date.now() + patienceMs;
  while (!what()) {
    if (Date.now() > deadline) throw new Error(failure);
    await pause(5);
  }
}

/** What the process holds on to, its buffers outside of the heap included. */
async function heldMiB(collect: () => void): Promise<number> {
  for (let i = 0; i < 3; i++) {
    collect();
    await pause(50);
  }
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 2 ** 20;
}

/**
 * The endpoint drops the socket again and again; blocks are built while it is down and while it is up. The stream of
 * heads must have every one of them in order, and the client must not grow.
 */
export async function measureReconnects(
  endpoint: BenchEndpoint,
  reconnects: number,
  collect: () => void,
): Promise<Result> {
  const counts = { lost: 0, connected: 0 };
  const chain = await connectChain({
    endpoints: [endpoint.url],
    log: (event) => {
      if (event === 'chain_disconnected') counts.lost++;
      if (event === 'chain_connected') counts.connected++;
    },
  });
  const stop = new AbortController();
  const heads = new HeadCounter(chain, stop.signal);
  try {
    await until(() => heads.count > 0, 'no head came');
    const lose = async (): Promise<void> => {
      const { lost, connected } = counts;
      await endpoint.call('dev_dropSockets');
      await until(() => counts.lost > lost, 'the loss went unnoticed');
      await endpoint.call('dev_newBlock');
      await until(() => counts.connected > connected, 'the client did not come back');
      await endpoint.call('dev_newBlock');
    };
    for (let i = 0; i < warmUp; i++) await lose();
    const before = await heldMiB(collect);
    const started = performance.now();
    for (let i = 0; i < reconnects; i++) await lose();
    const tookMs = performance.now() - started;
    const growthMiB = (await heldMiB(collect)) - before;
    const { number: last } = await chain.head();
    await until(() => heads.last >= last, `the stream stopped at ${heads.last}, the head is ${last}`);
    return {
      name: `${reconnects} reconnects`,
      passed: growthMiB < atMostMiB && heads.outOfOrder === 0,
      figures: {
        reconnects,
        meanMs: Number((tookMs / reconnects).toPrecision(3)),
        blocks: heads.count,
        blocksOutOfOrderOrMissed: heads.outOfOrder,
        heldBeforeMiB: Number(before.toFixed(2)),
        growthMiB: Number(growthMiB.toFixed(2)),
        barMiB: atMostMiB,
      },
    };
  } finally {
    stop.abort();
    await chain.close();
  }
}

/** Listens to heads and keeps only what it needs to tell a gap. */
class HeadCounter {
  count = 0;
  last = 0;
  outOfOrder = 0;

  constructor(chain: ChainClient, signal: AbortSignal) {
    this.#listen(chain, signal).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }

  async #listen(chain: ChainClient, signal: AbortSignal): Promise<void> {
    for await (const { number } of chain.heads({ signal })) {
      if (this.count > 0 && number !== this.last + 1) this.outOfOrder++;
      this.count++;
      this.last = number;
    }
  }
}
