import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { endProcess } from '../adapters/processes/end.ts';
import { identityOf, type ProcessIdentity } from '../adapters/processes/identity.ts';
import { freePort } from '../adapters/processes/ports.ts';
import { fail } from '../domain/errors/error.ts';
import { waitUntilHealthy } from './health.ts';

const LOOPBACK = '127.0.0.1';
/** A cold start takes 2 to 4 s; on a machine whose cores are all busy it was seen to take 20. */
const START_TIMEOUT_MS = 90_000;
/** It writes its last transactions in well under a second. */
const STOP_GRACE_MS = 10_000;

export interface DevServerOptions {
  /** The Temporal CLI (temporal/cli-binary.ts finds it). */
  readonly binary: string;
  /** Where its output goes; a file, since the server outlives the process that starts it. */
  readonly logFile: string;
  /** The SQLite file; left out: in memory. */
  readonly databaseFile?: string;
  /** Nobody wants the file after a kill, and speed is all: no journal on disk, and memory in the place of time. */
  readonly scratch?: boolean;
  /** The port to try first; the next free one is taken. Left out: any. */
  readonly port?: number;
  /** The same for the Web UI; left out: no Web UI. */
  readonly uiPort?: number;
  /** Called as soon as there is a process, before it is ready: a starter that dies in between leaves a trace. */
  readonly onSpawn?: (server: DevServer) => void;
}

export interface DevServer extends ProcessIdentity {
  /** host:port of the gRPC frontend. */
  readonly address: string;
  readonly port: number;
  readonly uiPort?: number;
  readonly uiUrl?: string;
}

interface Ports {
  readonly port: number;
  readonly uiPort?: number;
}

async function choosePorts({ port = 0, uiPort }: DevServerOptions): Promise<Ports> {
  const frontend = await freePort(port);
  return uiPort === undefined
    ? { port: frontend }
    : { port: frontend, uiPort: await freePort(uiPort, LOOPBACK, new Set([frontend])) };
}

/** WAL with one sync per checkpoint: nothing is lost by a kill, only by a power cut, and each step is far cheaper. */
const kept = ['journal_mode=wal', 'synchronous=1'];
/** Takes a seventh less of the server's CPU time than its own database in memory. */
const scratched = ['journal_mode=memory', 'synchronous=0', 'locking_mode=exclusive', 'cache_size=-65536'];

/**
 * How Go runs a server whose machine computes beside it. With its garbage collected a quarter as often it takes a tenth
 * less of the cores, and twice the memory; with stacks that begin as large as they come to be, and no core to spin on that
 * others want, a seventh less again.
 */
const scratchRuntime = (): Readonly<Record<string, string>> => ({
  GOGC: '400',
  GODEBUG: 'adaptivestackstart=1',
  GOMAXPROCS: String(Math.ceil(availableParallelism() / 2)),
});

function argumentsOf({ databaseFile, scratch = false }: DevServerOptions, { port, uiPort }: Ports): readonly string[] {
  const setting = (key: string, value: number | boolean): readonly string[] => [
    '--dynamic-config-value',
    `${key}=${value}`,
  ];
  return [
    'server',
    'start-dev',
    ...['--ip', LOOPBACK, '--port', String(port), '--log-level', 'warn', '--log-format', 'json'],
    ...(uiPort === undefined
      ? ['--headless']
      : ['--ui-ip', LOOPBACK, '--ui-port', String(uiPort), '--ui-disable-news-fetch']),
    ...(databaseFile === undefined
      ? []
      : [
          '--db-filename',
          databaseFile,
          ...(scratch ? scratched : kept).flatMap((pragma) => ['--sqlite-pragma', pragma]),
        ]),
    // It must not call home.
    ...setting('frontend.enableServerVersionCheck', false),
    // With it, a worker that ends waits for the server to end its polls; one that comes just too late for that is
    // waited for up to a minute. Without it, a worker hangs up by itself.
    ...setting('frontend.enableCancelWorkerPollsOnShutdown', false),
    // One partition: small queues stay in exact order, and no poll waits in an empty one.
    ...setting('matching.numTaskqueueReadPartitions', 1),
    ...setting('matching.numTaskqueueWritePartitions', 1),
  ];
}

/** How large the log of earlier servers is. */
const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

/** Why a server ended, from what it wrote since: a panic is told by its first line, and what follows is its stack. */
function lastWords(file: string, since: number): string {
  try {
    const lines = readFileSync(file).subarray(since).toString('utf8').trimEnd().split('\n');
    const panic = lines.find((line) => /^(panic|fatal error): /.test(line));
    return (panic ?? lines.slice(-3).join(' | ')).slice(-600);
  } catch {
    return '';
  }
}

/** Ports of its own that somebody else was faster to take, some of which it chooses itself and then panics about. */
const mayHelp = (reason: string): boolean =>
  /address already in use|port .* in use|can't (bind|set)|panic: /i.test(reason);

type Start =
  | { readonly kind: 'ready'; readonly server: DevServer }
  | { readonly kind: 'failed'; readonly reason: string };

async function startOnce(options: DevServerOptions): Promise<Start> {
  const ports = await choosePorts(options);
  const since = sizeOf(options.logFile);
  const log = openSync(options.logFile, 'a');
  const child = spawn(options.binary, argumentsOf(options, ports), {
    // A group of its own: Ctrl-C in the terminal reaches the program, which stops the server last.
    detached: true,
    env: options.scratch === true ? { ...scratchRuntime(), ...process.env } : process.env,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  let ending: string | undefined;
  child.once('exit', (code, signal) => {
    ending = `it ended with ${signal ?? `exit code ${code}`}`;
  });
  child.once('error', (error) => {
    ending = error.message;
  });
  const spawned = once(child, 'spawn').catch(() => undefined);
  await spawned;
  const identity = child.pid === undefined ? undefined : identityOf(child.pid);
  if (identity === undefined) {
    // It has ended already, and the news of that may still be on its way; without a process id it never began.
    if (child.pid !== undefined && ending === undefined) await once(child, 'exit');
    const how = ending ?? `${options.binary} could not be started`;
    return { kind: 'failed', reason: `${how}. ${lastWords(options.logFile, since)}` };
  }
  child.unref();
  const address = `${LOOPBACK}:${ports.port}`;
  const ui = ports.uiPort === undefined ? {} : { uiUrl: `http://${LOOPBACK}:${ports.uiPort}` };
  const server: DevServer = { ...identity, ...ports, ...ui, address };
  options.onSpawn?.(server);
  if (await waitUntilHealthy({ address }, START_TIMEOUT_MS, () => ending !== undefined))
    return { kind: 'ready', server };
  await stopDevServer(server);
  return {
    kind: 'failed',
    reason: `${ending ?? `not healthy within ${START_TIMEOUT_MS} ms`}. ${lastWords(options.logFile, since)}`,
  };
}

/**
 * Starts Temporal's development server and waits until it is healthy. It runs on after the caller's end; its identity
 * is the caller's to record and `stopDevServer` ends it.
 * @throws OST_TEMPORAL_START_FAILED
 */
export async function startDevServer(options: DevServerOptions): Promise<DevServer> {
  mkdirSync(dirname(options.logFile), { recursive: true });
  if (options.databaseFile !== undefined) mkdirSync(dirname(options.databaseFile), { recursive: true });
  let reason = '';
  // Another program may take a port between the look and the start; then other ports are tried.
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const start = await startOnce(options);
    if (start.kind === 'ready') return start.server;
    reason = start.reason;
    if (!mayHelp(reason)) break;
  }
  throw fail('OST_TEMPORAL_START_FAILED', { reason, logFile: options.logFile });
}

/** Ends a development server in order; that very process and no other. */
export async function stopDevServer(server: ProcessIdentity): Promise<void> {
  await endProcess({ ...server, label: 'The embedded Temporal server' }, { graceMs: STOP_GRACE_MS, group: true });
}
