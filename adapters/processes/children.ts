import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fail } from '../../domain/errors/error.ts';
import { type Ending, endProcess } from './end.ts';
import { identityOf, type ProcessIdentity } from './identity.ts';
import { type LogLine, parseLogLine } from './log-line.ts';

export interface ChildOptions {
  /** For messages and records: `validator`, `evaluator` … */
  readonly label: string;
  readonly command: string;
  readonly args: readonly string[];
  /** The child's whole environment; by default ours. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  readonly onLine?: (line: LogLine) => void;
  /** How long it has after SIGTERM until SIGKILL. */
  readonly graceMs?: number;
}

/** How a child ended. */
export interface ChildExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Whether `stop` was called before: an end that nobody asked for is a crash, whatever its code. */
  readonly asked: boolean;
  /** The last lines that it wrote, for the error's message. */
  readonly lastLines: readonly string[];
  /** ISO time. */
  readonly at: string;
}

export interface ManagedChild extends ProcessIdentity {
  readonly label: string;
  /** Resolves when it has ended and all of its output was read; never rejects. */
  readonly exited: Promise<ChildExit>;
  /** How it ended, once it has. */
  readonly exit: () => ChildExit | undefined;
  /** SIGTERM, and SIGKILL where it does not listen. Ends its process group with it; may be called twice. */
  readonly stop: () => Promise<Ending>;
}

const DEFAULT_GRACE_MS = 10_000;
const KEPT_LINES = 20;

/** Keeps the last lines and passes each one on. */
class Output {
  readonly lastLines: string[] = [];
  readonly #onLine: (line: LogLine) => void;

  constructor(onLine: (line: LogLine) => void) {
    this.#onLine = onLine;
  }

  read(stream: Readable | null): void {
    if (stream === null) return;
    createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on('line', (text) => {
      if (text === '') return;
      const line = parseLogLine(text);
      this.lastLines.push(line.msg === '' ? text : line.msg);
      if (this.lastLines.length > KEPT_LINES) this.lastLines.shift();
      this.#onLine(line);
    });
  }
}

const launched = (child: ChildProcess): Promise<Error | undefined> =>
  new Promise((resolve) => {
    child.once('spawn', () => resolve(undefined));
    child.once('error', resolve);
  });

/**
 * Starts a child in a process group of its own: Ctrl-C in the terminal reaches the parent alone, which then ends its
 * children in the right order.
 * @throws OST_CHILD_NOT_STARTED
 */
export async function startChild(options: ChildOptions): Promise<ManagedChild> {
  const { label, command, args, env = process.env, cwd, onLine = () => {}, graceMs = DEFAULT_GRACE_MS } = options;
  const child = spawn(command, args, {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env,
    ...(cwd === undefined ? {} : { cwd }),
  });
  const output = new Output(onLine);
  output.read(child.stdout);
  output.read(child.stderr);
  let asked = false;
  let exit: ChildExit | undefined;
  const exited = new Promise<ChildExit>((resolve) => {
    // `close`, not `exit`: its last words are often still in the pipe.
    child.once('close', (code, signal) => {
      exit = { code, signal, asked, lastLines: [...output.lastLines], at: new Date().toISOString() };
      resolve(exit);
    });
  });
  const problem = await launched(child);
  if (problem !== undefined || child.pid === undefined) {
    throw fail(
      'OST_CHILD_NOT_STARTED',
      { label, command, reason: problem?.message ?? 'no process' },
      { cause: problem },
    );
  }
  const identity = identityOf(child.pid) ?? { pid: child.pid, startTime: 'ended' };
  let stopping: Promise<Ending> | undefined;
  return {
    ...identity,
    label,
    exited,
    exit: () => exit,
    stop: () => {
      asked = true;
      stopping ??= endProcess({ ...identity, label }, { graceMs, group: true });
      return stopping;
    },
  };
}

/** An exit in words. */
export const describeExit = ({ code, signal, lastLines }: ChildExit): string => {
  const how = signal === null ? `exit code ${code}` : `signal ${signal}`;
  const last = lastLines.at(-1);
  return last === undefined ? how : `${how}, after saying: ${last}`;
};
