import { decodeExtrinsic } from '../../../adapters/chain/block.ts';
import type { BlockRef } from '../../../domain/chain.ts';
import type { Check } from '../check.ts';
import type { Ground } from '../ground.ts';
import { expectEqual, expectThat } from '../verdict.ts';

/** Takes `count` blocks of a stream while the chain goes on. */
async function take(ground: Ground, count: number, finalized: boolean): Promise<readonly BlockRef[]> {
  const stop = new AbortController();
  const options = { signal: stop.signal };
  const stream = finalized ? ground.client.finalizedHeads(options) : ground.client.heads(options);
  const seen: BlockRef[] = [];
  try {
    while (seen.length < count) {
      const next = stream.next();
      // The first one is there already; the others have to be built, or to become final.
      if (seen.length > 0) await ground.advance();
      const { value, done } = await next;
      if (done === true) break;
      seen.push(value);
    }
  } finally {
    stop.abort();
  }
  return seen;
}

const stream = (finalized: boolean) => async (ground: Ground) => {
  const seen = await take(ground, 3, finalized);
  const [first] = seen;
  expectThat(first !== undefined, 'the stream ended at once');
  for (const [index, { number, hash }] of seen.entries()) {
    expectEqual(number, (first?.number ?? 0) + index, 'a block of the stream');
    expectEqual(hash, await ground.rpc.call('chain_getBlockHash', number), `the hash of block ${number}`);
  }
};

export const streamChecks: readonly Check[] = [
  { name: 'streams: heads come without a gap', run: stream(false) },
  { name: 'streams: finalized heads come without a gap', run: stream(true) },
  {
    name: 'streams: a block that is awaited comes',
    run: async ({ client, advance }) => {
      const { number } = await client.head();
      const awaited = client.waitForBlock(number + 1, AbortSignal.timeout(120_000));
      await advance();
      expectThat((await awaited).number > number, 'the head did not move');
    },
  },
  {
    name: 'blocks: a body names its parent, and all of its extrinsics decode',
    run: async ({ client, rpc }) => {
      const head = await client.head();
      const body = await client.body(head.hash);
      expectEqual(body.number, head.number, 'the number of the body');
      expectEqual(body.parent, await rpc.call('chain_getBlockHash', head.number - 1), 'the parent');
      const names = body.extrinsics.map((bytes) => {
        const { section, method } = decodeExtrinsic(client.runtime, bytes).method;
        return `${section}.${method}`;
      });
      expectThat(names.includes('timestamp.set'), `no timestamp among ${names.join(', ')}`);
      expectThat((await client.blockTimeMs()) > 0, 'no block time');
    },
  },
];
