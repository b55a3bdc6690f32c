import type { WriteRequest } from '../../../domain/chain-write.ts';
import { requestWrite } from '../../../workflows/writer/messages.ts';
import { killer } from './faults.ts';
import { buildUntil, isQuiet, outcomeOf, recordedOf } from './look.ts';
import type { Point } from './matrix.ts';
import { Random } from './random.ts';
import type { World } from './world.ts';
import { wanted } from './writes.ts';

/** What one run at a point of the matrix came to; the first three are what the chain's own record says. */
export interface Played {
  /** The writer's extrinsics that took effect, in order. */
  readonly extrinsics: readonly string[];
  /** Those that a block holds without effect. */
  readonly failed: readonly string[];
  readonly shown: boolean;
  readonly outcome: string;
  readonly blocks: number;
}

/** A write at one point, with one seed: asked for, hit by the fault, and followed until nothing is on its way. */
export async function play(world: World, { kind, fault }: Point, seed: number): Promise<Played> {
  const random = new Random(seed);
  const { call, subnet, timelock, shown } = wanted[kind];
  const bench = await world.open(
    {
      subnet: { weightsRateLimit: 3, servingRateLimit: 3, tempo: 40, ...subnet },
      finalityLagBlocks: random.between(3, 5),
      timelock,
    },
    killer(fault),
  );
  try {
    for (let built = random.between(5, 45); built > 0; built--) await bench.devnet.buildBlock();
    const request: WriteRequest = { key: `fault/${kind}`, call, deadline: null, replyTo: null };
    const first = bench.devnet.head().number;
    let included: number | null = null;
    await fault.begin?.(bench, random);
    await bench.writer.signal(requestWrite, request);
    const done = async () => (await outcomeOf(bench, request.key)) !== null && (await isQuiet(bench));
    await buildUntil(bench, done, {
      before: async () => {
        const since = bench.devnet.head().number - first;
        if (included === null && (await outcomeOf(bench, request.key)) !== null) included = since;
        await fault.beforeBlock?.(bench, random, { since, included });
      },
    });
    const recorded = await recordedOf(bench);
    return {
      extrinsics: recorded.filter(({ error }) => error === null).map((each) => each.call),
      failed: recorded.flatMap((each) => (each.error === null ? [] : [`${each.call}: ${each.error}`])),
      shown: await shown(bench),
      outcome: (await outcomeOf(bench, request.key))?.kind ?? 'none',
      blocks: bench.devnet.head().number - first,
    };
  } finally {
    await bench.close();
  }
}

/** What is wrong with a run; null where nothing is lost and nothing is there twice. */
export function complaint({ kind, fault }: Point, { extrinsics, failed, shown, outcome }: Played): string | null {
  const expected = [...wanted[kind].extrinsics, ...(fault.foreign ?? [])].toSorted();
  const found = extrinsics.toSorted();
  if (JSON.stringify(found) !== JSON.stringify(expected)) {
    return `expected ${expected.join(', ')}, but the chain holds ${found.join(', ') || 'nothing'}`;
  }
  if (failed.length > 0) return `failed: ${failed.join(', ')}`;
  if (!shown) return 'the chain does not show the effect';
  return outcome === 'included' || outcome === 'already' ? null : `the writer says ${outcome}`;
}
