import type { Connection } from '@temporalio/client';
import { openLane } from './lane.ts';
import { type Place, type Played, play } from './play.ts';
import type { Point } from './point.ts';

/** A run that takes so long hangs: the heartbeats of the dead are given back at once, and nothing else takes long. */
const longestRunMs = 400_000;

export interface Run {
  readonly point: Point;
  readonly seed: number;
}

export interface Result extends Run {
  /** What differs from the run without kills; null where nothing does. */
  readonly wrong: string | null;
  readonly seconds: number;
}

/** The run that all others of its seed are compared with. */
export const calm: Point = { name: 'nobody', ways: [] };

/** Does runs in several lanes side by side: a run waits for timers and processes for much of its time. */
export class Matrix {
  readonly #lanes: readonly Place[];
  readonly #calm = new Map<number, Played>();

  private constructor(lanes: readonly Place[]) {
    this.#lanes = lanes;
  }

  static async open(connection: Connection, address: string, lanes: number): Promise<Matrix> {
    const names = Array.from({ length: lanes }, (_, index) => `${process.pid}-${index}`);
    return new Matrix(await Promise.all(names.map((name) => openLane(connection, address, name))));
  }

  /** The runs without kills, which the others are compared with. */
  async playCalm(seeds: readonly number[]): Promise<ReadonlyMap<number, Played>> {
    await this.#inLanes(seeds, async (lane, seed) => {
      this.#calm.set(seed, await inTime(play(lane, calm, seed)));
    });
    return this.#calm;
  }

  /** Does the runs, and tells of each. The run without kills of each seed comes before. */
  async playAll(runs: readonly Run[], tell: (result: Result) => void): Promise<void> {
    await this.#inLanes(runs, async (lane, run) => {
      const beganMs = Date.now();
      const wrong = await inTime(play(lane, run.point, run.seed)).then(
        (played) => difference(this.#calm.get(run.seed), played),
        (error: unknown) => (error instanceof Error ? error.message : String(error)),
      );
      tell({ ...run, wrong, seconds: (Date.now() - beganMs) / 1000 });
    });
  }

  /** Ends what still runs, in the middle of it. */
  async close(): Promise<void> {
    await Promise.all(this.#lanes.flatMap(({ open }) => [...open].map((stack) => stack[Symbol.asyncDispose]())));
  }

  async #inLanes<T>(items: readonly T[], work: (lane: Place, item: T) => Promise<void>): Promise<void> {
    const waiting = [...items];
    await Promise.all(
      this.#lanes.map(async (lane) => {
        for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(lane, item);
      }),
    );
  }
}

function inTime(run: Promise<Played>): Promise<Played> {
  const late = new Promise<never>((_, reject) => {
    setTimeout(() => reject(new Error('it hangs')), longestRunMs).unref();
  });
  return Promise.race([run, late]);
}

/** What a killed run has otherwise than the run without kills; null where nothing. */
export function difference(calmRun: Played | undefined, { outcome, files, exits, struck }: Played): string | null {
  if (calmRun === undefined) return 'there is no run without kills of this seed';
  if (!struck) return 'nobody was killed';
  if (exits.some((code) => code !== 0)) return `exit codes ${exits.join(', ')}`;
  for (const [name, expected] of Object.entries(calmRun.outcome)) {
    const found: unknown = Object.entries(outcome).find(([key]) => key === name)?.[1];
    if (JSON.stringify(found) === JSON.stringify(expected)) continue;
    return `${name} differ: ${JSON.stringify(found)} instead of ${JSON.stringify(expected)}`;
  }
  const left = files.filter((path) => !calmRun.files.includes(path));
  if (left.length > 0) return `left behind: ${left.join(', ')}`;
  const lost = calmRun.files.filter((path) => !files.includes(path));
  return lost.length > 0 ? `not there: ${lost.join(', ')}` : null;
}
