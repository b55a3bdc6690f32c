import { isDeepStrictEqual } from 'node:util';
import { ApiPromise, WsProvider } from '@polkadot/api';
import type { ProviderInterface } from '@polkadot/rpc-provider/types';
import { connectChain } from '../../adapters/chain/client.ts';
import { hexOf } from '../../adapters/chain/json.ts';
import { netuid } from '../../domain/units.ts';
import type { BenchEndpoint } from './open.ts';
import { allAtOnce, oneByOne, readPerKey } from './per-key.ts';
import type { Result } from './result.ts';
import { rounded, spreadOf, timed } from './spread.ts';

const one = netuid(1);
const atLeastTimes = 20;

/**
 * A subnet's snapshot at the head against the same values by single reads, both over the slow line. The other side is
 * given the block; every round has a block of its own, so that nothing comes out of a cache.
 */
export async function measureSnapshot(endpoint: BenchEndpoint, rounds: number): Promise<Result> {
  const chain = await connectChain({ endpoints: [endpoint.slowUrl] });
  // The cast: the library's class does not fit its own interface under exact optional types.
  const provider = new WsProvider(endpoint.slowUrl) as unknown as ProviderInterface;
  const api = await ApiPromise.create({ provider, noInitWarn: true });
  const times = { snapshot: [] as number[], single: [] as number[], pipelined: [] as number[] };
  try {
    for (let round = -1; round < rounds; round++) {
      let at = hexOf(await endpoint.call('dev_newBlock'), 'block hash');
      let ours: unknown;
      const snapshotMs = await timed(async () => {
        ours = await chain.snapshot(one);
      });
      const held: unknown[] = [];
      const pipelinedMs = await timed(async () => held.push(await readPerKey(api, one, at, allAtOnce)));
      if (!isDeepStrictEqual(ours, held[0])) throw new Error('the snapshot is not what single reads say');
      if (round < 0) continue;
      at = hexOf(await endpoint.call('dev_newBlock'), 'block hash');
      const singleMs = await timed(() => readPerKey(api, one, at, oneByOne));
      times.snapshot.push(snapshotMs);
      times.pipelined.push(pipelinedMs);
      times.single.push(singleMs);
    }
  } finally {
    await chain.close();
    await api.disconnect();
  }
  const over = (other: readonly number[]) =>
    spreadOf(times.snapshot.map((ms, index) => (other[index] ?? Number.NaN) / ms));
  const times20 = over(times.single);
  return {
    name: 'snapshot of 256 neurons',
    passed: times20.median >= atLeastTimes,
    figures: {
      rounds,
      snapshotMs: rounded(spreadOf(times.snapshot)),
      singleReadsMs: rounded(spreadOf(times.single)),
      singleReadsOverSnapshot: rounded(times20),
      bar: atLeastTimes,
      singleReadsAllAtOnceOverSnapshot: rounded(over(times.pipelined)),
    },
  };
}
