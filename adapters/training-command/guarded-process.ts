import { fork } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { fail } from '../../domain/errors/error.ts';
import type { GuardAnswer, GuardMessage } from './guard-protocol.ts';
import { maxLineBytes } from './lines.ts';

export interface GuardedOptions {
  readonly argv: readonly [string, ...string[]];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Where its standard error goes, which is what it says to people. */
  readonly logFile: string;
  /** A line of standard output, without its end; `cut` where it was longer than is read. */
  readonly onLine: (line: string, cut: boolean) => void;
  readonly onStart: (pid: number) => void;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  /** The end of its standard error. */
  readonly words: string;
}

export interface GuardedProcess {
  /** Resolves when it has ended and all of its output was read. @throws OST_TRAINER_COMMAND_NOT_STARTED */
  readonly ended: Promise<Ended>;
  /** To its whole process group. */
  signal(name: 'SIGTERM' | 'SIGKILL'): void;
}

const keptWords = 500;

/** Starts a command that ends when this process does, however that ends. */
export function startGuarded(options: GuardedOptions): GuardedProcess {
  const { argv, cwd, env, logFile, onLine, onStart } = options;
  const guard = fork(new URL('guard.ts', import.meta.url), [], {
    // Nothing but the folder in which Node keeps what it compiled; the command gets its own.
    env: { NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] },
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const send = (message: GuardMessage): void => {
    if (guard.connected) guard.send(message, () => undefined);
  };
  const errors = createWriteStream(logFile, { flags: 'a' });
  // A disk that is full must not end a training; what is said is then lost.
  errors.on('error', () => undefined);
  let words = '';
  guard.stderr?.on('data', (chunk: Buffer) => {
    errors.write(chunk);
    words = (words + chunk.toString('utf8')).slice(-keptWords);
  });
  if (guard.stdout !== null) readLines(guard.stdout, onLine);
  let end: Omit<Ended, 'words'> | null = null;
  let refused: string | null = null;
  guard.on('message', (answer: GuardAnswer) => {
    if (answer.kind === 'started') onStart(answer.pid);
    else if (answer.kind === 'not_started') refused = answer.reason;
    else end = { code: answer.code, signal: answer.signal };
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    // `close`, not `exit`: the last lines may still be in the pipe.
    guard.once('close', (code, signal) => {
      errors.end();
      if (refused !== null) {
        reject(fail('OST_TRAINER_COMMAND_NOT_STARTED', { command: argv.join(' '), reason: refused }));
      } else resolve({ ...(end ?? { code, signal }), words: words.trim() });
    });
  });
  send({ kind: 'start', argv, cwd, env });
  return { ended, signal: (signal) => send({ kind: 'signal', signal }) };
}

function readLines(stream: NodeJS.ReadableStream, onLine: GuardedOptions['onLine']): void {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  let cutting = false;
  const take = (text: string): void => {
    if (!cutting) onLine(text, false);
    cutting = false;
  };
  stream.on('data', (chunk: Buffer) => {
    const lines = (rest + decoder.write(chunk)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) take(line);
    if (rest.length <= maxLineBytes) return;
    if (!cutting) onLine(rest, true);
    cutting = true;
    rest = '';
  });
  stream.on('end', () => {
    if (rest !== '') take(rest);
  });
}
