import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { MetricSink } from './sink.ts';

export interface WandbOptions {
  /** A Python that has the package wandb. */
  readonly python: string;
  readonly project: string;
  /** One id is one run: a miner that starts again goes on in it. */
  readonly id: string;
  readonly name: string;
  /** Where the library keeps its files. */
  readonly folder: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** WANDB_API_KEY and the like come from here; nothing of Ostinato's own is passed on. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly onProblem: (problem: string) => void;
  readonly onChild?: (pid: number) => void;
  /** How long after its end it is started anew. */
  readonly restartMs?: number;
}

const defaultRestartMs = 60_000;
/** Uploading the last values may take a moment; a miner that was told to end has no more than this for it. */
const closeMs = 5_000;
/** About ten thousand points: more than that is a sidecar that hangs. */
const bufferedBytes = 4 * 2 ** 20;
const keptWords = 300;

const passed =
  /^(?:WANDB_.*|PATH|HOME|TMPDIR|LANG|LC_ALL|HTTPS?_PROXY|NO_PROXY|SSL_CERT_FILE|REQUESTS_CA_BUNDLE|https?_proxy|no_proxy)$/;

/**
 * Weights & Biases, through its own library in a process beside. Whatever becomes of that process, the training does
 * not notice: while it is away, points are dropped, and every so often it is started anew.
 */
export function wandbSink(options: WandbOptions): MetricSink {
  const { onProblem, restartMs = defaultRestartMs } = options;
  let sidecar = start(options);
  let restart: NodeJS.Timeout | null = null;
  let closing = false;
  const watch = (): void => {
    void sidecar.ended.then((how) => {
      if (closing) return;
      onProblem(`The Weights & Biases process ended (${how}); it is started again in ${restartMs / 1000} s`);
      restart = setTimeout(() => {
        sidecar = start(options);
        watch();
      }, restartMs);
      restart.unref();
    });
  };
  watch();
  return {
    take({ cycle, group, step, values }) {
      sidecar.write({ ...values, cycle, expert_group: group, ...(step === null ? {} : { 'train/step': step }) });
    },
    async close() {
      closing = true;
      if (restart !== null) clearTimeout(restart);
      await sidecar.close();
    },
  };
}

interface Sidecar {
  readonly ended: Promise<string>;
  write(line: object): void;
  close(): Promise<void>;
}

function start({ python, project, id, name, folder, config, environment, onChild }: WandbOptions): Sidecar {
  mkdirSync(folder, { recursive: true });
  const env = Object.fromEntries(Object.entries(environment).filter(([key]) => passed.test(key)));
  const script = fileURLToPath(new URL('wandb_sidecar.py', import.meta.url));
  const child: ChildProcess = spawn(python, [script], { env, stdio: ['pipe', 'ignore', 'pipe'] });
  if (child.pid !== undefined) onChild?.(child.pid);
  let words = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    words = (words + chunk.toString('utf8')).slice(-keptWords);
  });
  // Writing to a process that has ended is no error here; that it ended is told by itself.
  child.stdin?.on('error', () => undefined);
  let gone = false;
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(`${signal ?? `exit code ${code}`}: ${words.trim()}`));
  }).finally(() => {
    gone = true;
  });
  const write = (line: object): void => {
    const { stdin } = child;
    if (gone || stdin === null || !stdin.writable || stdin.writableLength > bufferedBytes) return;
    stdin.write(`${JSON.stringify(line)}\n`);
  };
  write({ project, id, name, dir: folder, config });
  return {
    ended,
    write,
    async close() {
      child.stdin?.end();
      const kill = setTimeout(() => child.kill('SIGKILL'), closeMs);
      await ended;
      clearTimeout(kill);
    },
  };
}
