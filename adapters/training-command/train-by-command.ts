import { copyFile, mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { fail, isOstinatoError, type OstinatoError } from '../../domain/errors/error.ts';
import { rowsOfStep } from '../../domain/training-policy.ts';
import { partFile } from '../model/parts.ts';
import type { CheckpointProgress, TrainingJob, TrainingProgress, TrainingResult } from '../model/trainer-protocol.ts';
import { CommandCheckpoints } from './checkpoints.ts';
import { foldersIn, handOver, type TrainingCommand } from './command-job.ts';
import { type Ended, type GuardedProcess, startGuarded } from './guarded-process.ts';
import { type Judge, startJudge } from './judge.ts';
import { type CommandLine, readLine } from './lines.ts';

/** As for the built-in trainer: a stopped one may write one more checkpoint, one that is left has seconds. */
const stopGraceMs = 30_000;
const leaveGraceMs = 5_000;
/** One that broke the rules is not asked twice. */
const faultGraceMs = 2_000;
const maxSkippedInARow = 50;
const shownCharacters = 200;

export interface CommandCallbacks {
  readonly onProgress: (progress: TrainingProgress) => void;
  readonly onCheckpoint: (checkpoint: CheckpointProgress) => void;
  /** Told of the command's process, and of the one that judges its checkpoints. */
  readonly onChild?: ((pid: number, role: string) => void) | undefined;
}

/**
 * Trains one group by a command of the operator's own; docs/miner.md is the contract. The same job started again goes
 * on from the last checkpoint that was accepted.
 *
 * @param signal ends the training in order: the command may write one more checkpoint, and the best one is the result
 * @param leave puts it down for another process; the promise then rejects with the signal's reason
 * @throws OST_TRAINER_COMMAND_…, OST_MODEL_TRAINING_DIVERGED; those that would come again only where there is no
 *   checkpoint yet that is worth something, for otherwise that one is the result
 */
export async function trainByCommand(
  job: TrainingJob,
  command: TrainingCommand,
  callbacks: CommandCallbacks,
  signal: AbortSignal,
  leave: AbortSignal,
): Promise<TrainingResult> {
  leave.throwIfAborted();
  const run = await CommandRun.begin(job, command, callbacks);
  if (signal.aborted) return run.result(null);
  try {
    await run.finish(signal, leave);
    return await run.result(null);
  } catch (error) {
    // What would happen again ends the training, and not the cycle: what was good before stays good.
    if (!isOstinatoError(error) || error.retryable || !run.hasBest) throw error;
    return run.result(error);
  }
}

/** One attempt of a command. */
class CommandRun {
  readonly #job: TrainingJob;
  readonly #command: TrainingCommand;
  readonly #callbacks: CommandCallbacks;
  readonly #checkpoints: CommandCheckpoints;
  /** Lines in their order: a checkpoint is judged before the next line is read. */
  #work: Promise<void> = Promise.resolve();
  #judge: Promise<Judge> | null = null;
  #fault: OstinatoError | null = null;
  #process: GuardedProcess | null = null;
  #silence: NodeJS.Timeout | null = null;
  #line = 0;
  #skippedInARow = 0;
  #asked = false;

  private constructor(
    job: TrainingJob,
    command: TrainingCommand,
    callbacks: CommandCallbacks,
    checkpoints: CommandCheckpoints,
  ) {
    this.#job = job;
    this.#command = command;
    this.#callbacks = callbacks;
    this.#checkpoints = checkpoints;
  }

  static async begin(job: TrainingJob, command: TrainingCommand, callbacks: CommandCallbacks): Promise<CommandRun> {
    await mkdir(foldersIn(job.folder).checkpoints, { recursive: true });
    return new CommandRun(job, command, callbacks, await CommandCheckpoints.open(job, command.checkpointsKept));
  }

  /** Runs the command to its end, whatever that is. */
  async finish(signal: AbortSignal, leave: AbortSignal): Promise<void> {
    const folders = foldersIn(this.#job.folder);
    const env = await handOver(this.#job, this.#command, folders, this.#checkpoints.resume);
    const started = startGuarded({
      argv: this.#command.argv,
      cwd: this.#job.folder,
      env,
      logFile: folders.logFile,
      onLine: (text, cut) => this.#heard(text, cut),
      onStart: (pid) => this.#callbacks.onChild?.(pid, 'training command'),
    });
    this.#process = started;
    this.#listen();
    const timers: NodeJS.Timeout[] = [];
    const end = (graceMs: number) => () => {
      this.#asked = true;
      started.signal('SIGTERM');
      timers.push(setTimeout(() => started.signal('SIGKILL'), graceMs));
    };
    const [stop, putDown] = [end(stopGraceMs), end(leaveGraceMs)];
    signal.addEventListener('abort', stop, { once: true });
    leave.addEventListener('abort', putDown, { once: true });
    if (leave.aborted) putDown();
    try {
      const ended = await started.ended;
      // Its last checkpoint may still be judged; that silence is ours.
      this.#hush();
      await this.#work;
      await this.#checkpoints.save();
      if (leave.aborted) await this.#keepFinal();
      leave.throwIfAborted();
      this.#check(ended, folders.logFile);
    } finally {
      signal.removeEventListener('abort', stop);
      leave.removeEventListener('abort', putDown);
      for (const timer of timers) clearTimeout(timer);
      this.#hush();
      await this.#judge?.then(
        (judge) => judge.close(),
        () => undefined,
      );
    }
  }

  get hasBest(): boolean {
    return this.#checkpoints.bestFile !== null;
  }

  /** The best checkpoint as the group's file; the base itself where none was better. */
  async result(problem: OstinatoError | null): Promise<TrainingResult> {
    const { best, base, steps, skipped, lossFirst, lossLast } = this.#checkpoints.state;
    const { folder, parts, group } = this.#job;
    const file = join(folder, partFile(group));
    const draft = `${file}.tmp`;
    await copyFile(this.#checkpoints.bestFile ?? parts.groups[group] ?? '', draft);
    await rename(draft, file);
    const before = base ?? lossFirst ?? 0;
    return {
      file,
      steps,
      skipped,
      lossFirst: lossFirst ?? before,
      lossLast: lossLast ?? before,
      validationBefore: before,
      validationAfter: best?.loss ?? before,
      bestStep: best?.step ?? 0,
      problem: problem?.explain() ?? null,
    };
  }

  #check({ code, signal, words }: Ended, log: string): void {
    if (this.#fault !== null) throw this.#fault;
    // Whoever was asked to end may end in any way it likes; what it had saved is the result.
    if (this.#asked) return;
    if (signal !== null) throw fail('OST_TRAINER_COMMAND_KILLED', { signal, words });
    if (code !== 0) throw fail('OST_TRAINER_COMMAND_EXITED', { code: code ?? -1, words, log });
    if (this.#checkpoints.state.newest === null) throw fail('OST_TRAINER_COMMAND_NOTHING', {});
  }

  #heard(text: string, cut: boolean): void {
    if (this.#fault !== null) return;
    this.#listen();
    this.#line += 1;
    const read = cut ? ({ kind: 'malformed', problem: 'it is too long' } as const) : readLine(text);
    if (read.kind === 'words') return;
    if (read.kind === 'malformed') {
      const { problem } = read;
      this.#stop(fail('OST_TRAINER_COMMAND_LINE', { line: this.#line, problem, text: text.slice(0, shownCharacters) }));
      return;
    }
    const { line } = read;
    this.#work = this.#work.then(() => this.#take(line)).catch((error: unknown) => this.#stop(error));
  }

  async #take(line: CommandLine): Promise<void> {
    if (this.#fault !== null || line.event === 'heartbeat') return;
    if (line.event === 'step') this.#stepped(line);
    else await this.#saved(line);
  }

  #stepped(line: Extract<CommandLine, { readonly event: 'step' }>): void {
    const { state } = this.#checkpoints;
    const skipped = line.skipped === true || line.loss === null;
    state.steps = line.step;
    if (skipped) state.skipped += 1;
    else {
      state.lossFirst ??= line.loss;
      state.lossLast = line.loss;
    }
    this.#skippedInARow = skipped ? this.#skippedInARow + 1 : 0;
    this.#callbacks.onProgress(this.#progress(line, skipped));
    if (this.#skippedInARow >= maxSkippedInARow) {
      throw fail('OST_MODEL_TRAINING_DIVERGED', { count: this.#skippedInARow });
    }
  }

  #progress(line: Extract<CommandLine, { readonly event: 'step' }>, skipped: boolean): TrainingProgress {
    const rows = line.rows ?? line.step * rowsOfStep(this.#job.policy);
    const tokensPerSecond = line.tokens_per_second ?? 0;
    const unknown = Number.NaN;
    return {
      step: line.step,
      loss: line.loss ?? unknown,
      gradNorm: line.grad_norm ?? unknown,
      gradSum: line.grad_sum ?? unknown,
      learningRate: line.learning_rate ?? unknown,
      tokensPerSecond,
      tokens: line.tokens ?? 0,
      rows,
      stepMs: unknown,
      lossScale: line.loss_scale === undefined ? null : { ...line.loss_scale, skipped },
      skipped,
      validation: null,
      bestStep: this.#checkpoints.state.best?.step ?? 0,
      checkpoint: null,
      checkpointMs: null,
    };
  }

  async #saved({ step, path, validation_loss }: Extract<CommandLine, { readonly event: 'checkpoint' }>): Promise<void> {
    const begun = performance.now();
    const folder = foldersIn(this.#job.folder).checkpoints;
    const judge = () => {
      this.#judge ??= startJudge(this.#job, (pid) => this.#callbacks.onChild?.(pid, 'judge'));
      return this.#judge;
    };
    const { state } = this.#checkpoints;
    const accepted = await this.#checkpoints.accept(
      { step, path, reported: validation_loss ?? null },
      { folder, judge },
    );
    state.steps = Math.max(state.steps, step);
    this.#callbacks.onCheckpoint({
      step,
      validation: accepted.loss,
      bestStep: accepted.bestStep,
      checkpoint: accepted.file,
      checkpointMs: performance.now() - begun,
    });
  }

  /** A sign of life; the next one is waited for from here. */
  #listen(): void {
    const { silenceMs } = this.#command;
    this.#hush();
    this.#silence = setTimeout(
      () => this.#stop(fail('OST_TRAINER_COMMAND_SILENT', { seconds: silenceMs / 1000 })),
      silenceMs,
    );
  }

  #hush(): void {
    if (this.#silence !== null) clearTimeout(this.#silence);
  }

  /** Ends a command that cannot go on. The first reason counts. */
  #stop(error: unknown): void {
    if (this.#fault !== null) return;
    this.#fault = isOstinatoError(error)
      ? error
      : fail('OST_MODEL_CHILD_FAILED', { role: 'training command', detail: String(error) }, { cause: error });
    this.#process?.signal('SIGTERM');
    setTimeout(() => this.#process?.signal('SIGKILL'), faultGraceMs).unref();
  }

  /** The newest weights, for people: the command itself goes on from its own files. */
  async #keepFinal(): Promise<void> {
    const { resume } = this.#checkpoints;
    const { finalFile } = this.#job;
    if (resume === null || finalFile === null) return;
    const draft = `${finalFile}.${process.pid}.tmp`;
    await copyFile(resume.path, draft);
    await rename(draft, finalFile);
  }
}
