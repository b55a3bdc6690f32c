import { describeExit, startChild } from '../adapters/processes/children.ts';
import { messageOf } from '../domain/errors/error.ts';
import type { SourceContext } from './sources.ts';

export interface Step {
  /** What is being done, as the start of a sentence. */
  readonly label: string;
  /** How long it takes, for people. */
  readonly expected: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** How far it is, from the lines so far: "812 of 2,900 packages". */
  readonly progress?: (lines: number) => string;
}

export type StepResult =
  | { readonly kind: 'done'; readonly lines: number }
  | { readonly kind: 'failed'; readonly reason: string };

const TICK_MS = 15_000;

/** A duration for people: "45 s", "2 min 15 s". */
export function elapsed(sinceMs: number): string {
  const seconds = Math.round((Date.now() - sinceMs) / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** Runs one long step, and says every 15 s that it still runs and how far it is. */
export async function runStep(step: Step, { say, signal }: SourceContext): Promise<StepResult> {
  const { label, expected, command, args, env, cwd, progress } = step;
  if (signal?.aborted === true) return { kind: 'failed', reason: 'it was interrupted' };
  const started = Date.now();
  let lines = 0;
  say(`${label} (${expected}) …`);
  const ticker = setInterval(() => {
    const far = progress === undefined ? '' : `, ${progress(lines)}`;
    say(`${label}: ${elapsed(started)} so far${far}; expected: ${expected}.`);
  }, TICK_MS);
  try {
    const child = await startChild({
      label,
      command,
      args,
      env,
      ...(cwd === undefined ? {} : { cwd }),
      onLine: () => {
        lines += 1;
      },
      graceMs: 3_000,
    });
    const stop = (): void => void child.stop();
    signal?.addEventListener('abort', stop);
    const exit = await child.exited;
    signal?.removeEventListener('abort', stop);
    if (exit.code === 0) return { kind: 'done', lines };
    return { kind: 'failed', reason: exit.asked ? 'it was interrupted' : describeExit(exit) };
  } catch (error) {
    return { kind: 'failed', reason: messageOf(error) };
  } finally {
    clearInterval(ticker);
  }
}
