import { type ChildProcess, fork } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { fail, type OstinatoError } from '../../domain/errors/error.ts';
import { nodeFlags } from '../processes/node-flags.ts';
import { makePrivateFolder } from './private-folder.ts';

/** How often a child's memory is looked at; a runaway allocation takes longer than this to fill a machine. */
const memoryPollMs = 500;
const pageBytes = 4096;
/** The last one names the folder in which Node keeps what it compiled. */
const passedOn = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'LD_LIBRARY_PATH', 'CUDA_VISIBLE_DEVICES', 'NODE_COMPILE_CACHE'];

export interface ChildOptions {
  readonly role: 'evaluator' | 'trainer' | 'rank';
  /** The module that the child runs. */
  readonly entry: URL;
  /** JSON-like settings, handed over by structured clone as the first message. */
  readonly settings: object;
  /** Resident memory above which the child is killed: ONNX Runtime allocates outside of what Node can limit. */
  readonly memoryLimitBytes: number;
  readonly onChild?: ((pid: number) => void) | undefined;
}

/**
 * A child process that computes: it can be killed in the middle of a native call, and if it crashes it takes nothing
 * with it. It gets a private folder, which is removed when it ends, however it ends.
 */
export interface ModelChild {
  readonly pid: number;
  send(message: object): void;
  /** Returns what ends the listening. */
  onMessage(listener: (message: unknown) => void): () => void;
  /** Settles, and never rejects, when the process has ended and its folder is gone. */
  readonly ended: Promise<OstinatoError>;
  /** Whether it has ended or was told to. */
  gone(): boolean;
  kill(): void;
}

/** Starts a child. @throws OST_MODEL_CHILD_DIED where no process can be started at all */
export async function startChild(options: ChildOptions): Promise<ModelChild> {
  const folder = await makePrivateFolder(options.role);
  const child = fork(options.entry, [], {
    serialization: 'advanced',
    // Only what a process needs to run: a child that reads strangers' files has no business with tokens or keys.
    env: pick(process.env, passedOn),
    execArgv: [...nodeFlags, '--max-old-space-size=512'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const { pid } = child;
  let killedFor: string | null = null;
  const guard = guardMemory(child, options.memoryLimitBytes, (reason) => {
    killedFor = reason;
  });
  const ended = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => resolve(killedFor ?? (signal === null ? `exit code ${code}` : signal)));
    child.once('error', (error) => {
      // Also raised where a message cannot be sent any more; then `exit` follows by itself.
      if (pid === undefined) resolve(error.message);
    });
  }).then(async (reason) => {
    clearInterval(guard);
    await rm(folder, { recursive: true, force: true }).catch(() => undefined);
    return fail('OST_MODEL_CHILD_DIED', { role: options.role, reason });
  });
  if (pid === undefined) throw await ended;
  options.onChild?.(pid);
  const send = (message: object) => {
    // A child that is gone answers by `ended`, not by an error here.
    if (child.connected) child.send(message, () => undefined);
  };
  send({ kind: 'settings', folder, ...options.settings });
  return {
    pid,
    send,
    onMessage: (listener) => {
      child.on('message', listener);
      return () => child.off('message', listener);
    },
    ended,
    gone: () => child.killed || child.exitCode !== null || child.signalCode !== null,
    kill: () => child.kill('SIGKILL'),
  };
}

function guardMemory(child: ChildProcess, limitBytes: number, onKill: (reason: string) => void): NodeJS.Timeout {
  const timer = setInterval(() => {
    void residentBytes(child.pid).then((bytes) => {
      if (bytes <= limitBytes) return;
      onKill(`it used more than ${Math.round(limitBytes / 2 ** 20)} MiB of memory`);
      child.kill('SIGKILL');
    });
  }, memoryPollMs);
  timer.unref();
  return timer;
}

/** 0 where the system does not tell, which is everywhere but on Linux. */
async function residentBytes(pid: number | undefined): Promise<number> {
  try {
    const pages = (await readFile(`/proc/${pid}/statm`, 'utf8')).split(' ')[1];
    return Number(pages ?? 0) * pageBytes;
  } catch {
    return 0;
  }
}

const pick = (environment: NodeJS.ProcessEnv, names: readonly string[]): NodeJS.ProcessEnv =>
  Object.fromEntries(names.flatMap((name) => (environment[name] === undefined ? [] : [[name, environment[name]]])));
