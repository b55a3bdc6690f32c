import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from '@temporalio/client';
import type { Cast } from './cast.ts';
import { difference } from './difference.ts';
import { openLane } from './lane.ts';
import { packPoints } from './pack.ts';
import { type Place, type Played, play } from './play.ts';
import type { Point } from './point.ts';

/** A run that takes so long hangs: the heartbeats of the dead are given back at once, and nothing else takes long. */
const longestRunMs = 600_000;

/** One run, in which somebody is killed at each of the points. */
export interface Run {
  readonly points: readonly Point[];
  readonly seed: number;
}

export interface Result extends Run {
  /** What differs from the run without kills; null where nothing does. */
  readonly wrong: string | null;
  /** Null where it came to no end. */
  readonly played: Played | null;
  readonly seconds: number;
}

export interface MatrixOptions<Outcome extends object> {
  readonly connection: Connection;
  readonly address: string;
  readonly cast: Cast<Outcome>;
  /** Runs side by side: a run waits for timers and processes for much of its time. */
  readonly lanes: number;
  /** How many cycles a run has; somebody is killed in the first one. */
  readonly cycles: number;
}

/** Runs of one cast, and what they are compared with. */
export class Matrix<Outcome extends object = object> {
  readonly #lanes: readonly Place[];
  readonly #cast: Cast<Outcome>;
  readonly #cycles: number;
  #closed = false;
  readonly #calm = new Map<number, Played<Outcome>>();

  private constructor(lanes: readonly Place[], { cast, cycles }: MatrixOptions<Outcome>) {
    this.#lanes = lanes;
    this.#cast = cast;
    this.#cycles = cycles;
  }

  static async open<O extends object>(options: MatrixOptions<O>): Promise<Matrix<O>> {
    const { connection, address, lanes, cast } = options;
    const names = Array.from({ length: lanes }, (_, index) => `${process.pid}-${cast.name}-${index}`);
    return new Matrix(await Promise.all(names.map((name) => openLane(connection, address, name, cast))), options);
  }

  /** The runs without kills, which the others are compared with. */
  async playCalm(seeds: readonly number[]): Promise<ReadonlyMap<number, Played<Outcome>>> {
    await this.#inLanes(seeds, async (lane, seed) => {
      this.#calm.set(seed, await this.#play(lane, { points: [], seed }));
    });
    return this.#calm;
  }

  /** The points of a seed, packed into runs of about so many; its run without kills comes before. */
  packed(points: readonly Point[], seed: number, size: number): readonly Run[] {
    const calm = this.#calm.get(seed);
    if (calm === undefined) throw new Error(`there is no run without kills of seed ${seed}`);
    return packPoints(points, seed, calm, size).map((pack) => ({ points: pack, seed }));
  }

  /**
   * Does the runs, and tells of each. The run without kills of each seed comes before. One that differs is played again
   * point by point, so that it is known which one it was.
   */
  async playAll(runs: readonly Run[], tell: (result: Result) => void): Promise<void> {
    await this.#inLanes(runs, async (lane, run) => {
      const result = await this.#compare(lane, run);
      tell(result);
      if (result.wrong === null || run.points.length < 2 || this.#closed) return;
      for (const point of run.points) tell(await this.#compare(lane, { ...run, points: [point] }));
    });
  }

  /** Ends what still runs, in the middle of it. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#lanes.map(endAll));
  }

  async #compare(lane: Place, run: Run): Promise<Result> {
    const beganMs = Date.now();
    const ended = await this.#play(lane, run).then(
      (played) => ({ played, wrong: difference(this.#calm.get(run.seed), played, run.points) }),
      (error: unknown) => ({ played: null, wrong: error instanceof Error ? error.message : String(error) }),
    );
    return { ...run, ...ended, seconds: (Date.now() - beganMs) / 1000 };
  }

  async #play(lane: Place, run: Run): Promise<Played<Outcome>> {
    const over = new AbortController();
    const late = sleep(longestRunMs, null, { signal: over.signal, ref: false }).then(() => {
      throw new Error('it hangs');
    });
    try {
      return await Promise.race([play(lane, { ...run, cast: this.#cast, cycles: this.#cycles }), late]);
    } finally {
      over.abort();
      late.catch(() => undefined);
      // The next run has the same namespaces.
      await endAll(lane);
    }
  }

  async #inLanes<T>(items: readonly T[], work: (lane: Place, item: T) => Promise<void>): Promise<void> {
    const waiting = [...items];
    await Promise.all(
      this.#lanes.map(async (lane) => {
        for (let item = waiting.shift(); item !== undefined && !this.#closed; item = waiting.shift()) {
          await work(lane, item);
        }
      }),
    );
  }
}

/** Ends what runs in a lane, wherever it is. */
const endAll = async ({ open }: Place): Promise<void> => {
  await Promise.all([...open].map((stack) => stack[Symbol.asyncDispose]()));
};
