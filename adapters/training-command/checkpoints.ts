import { copyFile, mkdir, readdir, readFile, realpath, rename, rm } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { z } from 'zod';
import { fail } from '../../domain/errors/error.ts';
import { writeAll, writeAtomically } from '../artifacts/atomic-file.ts';
import type { TrainingJob } from '../model/trainer-protocol.ts';
import type { Resume } from './command-job.ts';
import { checkCheckpoint, type Judge } from './judge.ts';

const stateSchema = z.object({
  /** The base and seed that it belongs to. */
  job: z.string(),
  newest: z.object({ step: z.number(), file: z.string() }).nullable(),
  best: z.object({ step: z.number(), file: z.string(), loss: z.number() }).nullable(),
  /** Null until a checkpoint was judged, and where the command judges by itself. */
  base: z.number().nullable(),
  lossFirst: z.number().nullable(),
  lossLast: z.number().nullable(),
  steps: z.number(),
  skipped: z.number(),
});

type State = z.infer<typeof stateSchema>;

const fresh = (job: string): State => ({
  job,
  newest: null,
  best: null,
  base: null,
  lossFirst: null,
  lossLast: null,
  steps: 0,
  skipped: 0,
});

const nameOf = (step: number): string => `step-${step}.safetensors`;

/** What came of one checkpoint. */
export interface Accepted {
  readonly file: string;
  readonly loss: number | null;
  readonly bestStep: number;
}

/**
 * The checkpoints of a training command that were accepted: private copies, which the command can neither change nor
 * remove. The best one and the newest few stay. All of it is on disk, so that a killed miner goes on from there.
 */
export class CommandCheckpoints {
  readonly #job: TrainingJob;
  readonly #folder: string;
  readonly #kept: number;
  readonly state: State;

  private constructor(job: TrainingJob, folder: string, kept: number, state: State) {
    this.#job = job;
    this.#folder = folder;
    this.#kept = kept;
    this.state = state;
  }

  static async open(job: TrainingJob, kept: number): Promise<CommandCheckpoints> {
    const folder = join(job.folder, 'accepted');
    await mkdir(folder, { recursive: true });
    for (const name of await readdir(folder)) if (name.endsWith('.tmp')) await rm(join(folder, name), { force: true });
    const { parts, group, seed } = job;
    const name = JSON.stringify([parts.groups[group], group, seed]);
    return new CommandCheckpoints(job, folder, kept, (await read(job, name)) ?? fresh(name));
  }

  /** What the command goes on from. */
  get resume(): Resume | null {
    const { newest } = this.state;
    return newest === null ? null : { step: newest.step, path: join(this.#folder, newest.file) };
  }

  get bestFile(): string | null {
    const { best } = this.state;
    return best === null ? null : join(this.#folder, best.file);
  }

  /**
   * Takes one in: copied, checked, judged.
   *
   * @param reported the loss by the command's own evaluation; where it gives none, `judge` computes one
   * @throws OST_TRAINER_COMMAND_PATH, OST_TRAINER_COMMAND_CHECKPOINT
   */
  async accept(
    { step, path, reported }: { readonly step: number; readonly path: string; readonly reported: number | null },
    { folder, judge }: { readonly folder: string; readonly judge: () => Promise<Judge> },
  ): Promise<Accepted> {
    const from = await inside(folder, path);
    const file = join(this.#folder, nameOf(step));
    const draft = `${file}.tmp`;
    try {
      await copyFile(from, draft);
      await checkCheckpoint(this.#job, draft, path);
      await rename(draft, file);
    } finally {
      await rm(draft, { force: true });
    }
    const loss = await this.#judged(file, reported, judge);
    const { state } = this;
    state.newest = { step, file: nameOf(step) };
    const toBeat = Math.min(state.best?.loss ?? Number.POSITIVE_INFINITY, state.base ?? Number.POSITIVE_INFINITY);
    if (loss !== null && loss < toBeat) state.best = { step, file: nameOf(step), loss };
    await this.save();
    await this.#tidy();
    return { file, loss, bestStep: state.best?.step ?? 0 };
  }

  async #judged(file: string, reported: number | null, judge: () => Promise<Judge>): Promise<number | null> {
    // Whoever judges by itself once is taken at its word always: losses of two judges cannot be compared.
    if (reported !== null) return this.state.base === null ? reported : null;
    if (this.state.best !== null && this.state.base === null) return null;
    const opened = await judge();
    this.state.base ??= opened.base;
    return opened.loss(file);
  }

  async save(): Promise<void> {
    const text = Buffer.from(`${JSON.stringify(this.state, null, 2)}\n`);
    await writeAtomically(stateFile(this.#job), (handle) => writeAll(handle, text));
  }

  async #tidy(): Promise<void> {
    const steps = (await readdir(this.#folder)).flatMap((name) => /^step-(\d+)\.safetensors$/.exec(name)?.[1] ?? []);
    const newest = steps.map(Number).toSorted((a, b) => b - a);
    const needed = new Set([...newest.slice(0, this.#kept), this.state.best?.step]);
    for (const step of newest) {
      if (!needed.has(step)) await rm(join(this.#folder, nameOf(step)), { force: true });
    }
  }
}

const stateFile = ({ folder }: TrainingJob): string => join(folder, 'command_state.json');

/** Null where there is none, or it belongs to another job: the training then begins anew. */
async function read(job: TrainingJob, name: string): Promise<State | null> {
  try {
    const state = stateSchema.parse(JSON.parse(await readFile(stateFile(job), 'utf8')));
    return state.job === name && job.resume ? state : null;
  } catch {
    return null;
  }
}

/** The file behind a name, links followed. @throws OST_TRAINER_COMMAND_PATH where it lies anywhere else */
async function inside(folder: string, path: string): Promise<string> {
  const refuse = () => fail('OST_TRAINER_COMMAND_PATH', { path, folder });
  const root = await realpath(folder);
  const real = await realpath(resolve(root, path)).catch(() => null);
  if (real === null) throw refuse();
  const way = relative(root, real);
  if (way === '' || way.startsWith('..') || isAbsolute(way)) throw refuse();
  return real;
}
