import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { nodeFlags } from '../../adapters/processes/node-flags.ts';
import { holdPassword, type PasswordHolder } from '../../adapters/wallet/hand-over.ts';
import { fail } from '../../domain/errors/error.ts';
import type { Hex, Hotkey } from '../../domain/units.ts';
import type { SigningNotice, SigningOrder } from './protocol.ts';

const entry = join(import.meta.dirname, 'main.ts');
/** Between two starts of a child that keeps dying; the workflows wait meanwhile. */
const restartDelayMs = 1_000;
/** Loading a key and connecting to chain and Temporal; a chain that does not answer takes the longest. */
const readyTimeoutMs = 120_000;
const graceMs = 5_000;

/** What the caller orders; how the password gets to the child is found here. */
type Order = Omit<SigningOrder, 'password'>;

/** The parent's side of the one process that holds a deployment's key. */
export interface SigningChild {
  readonly hotkey: Hotkey;
  readonly publicKey: Hex;
  stop(): Promise<void>;
}

/**
 * Starts the signing worker and keeps it running: a child that dies is replaced, and the activity that it had in hand
 * is repeated. It ends by itself when this process does, whatever ends it, for its channel then closes.
 */
export async function startSigningChild(
  order: Order,
  events: { readonly onStart: (pid: number) => void; readonly onDeath: (reason: string) => void },
): Promise<SigningChild> {
  let stopping = false;
  const password = holdPassword();
  let child = launch(order, password);
  events.onStart(child.pid ?? 0);
  const ready = await readiness(child);

  const watch = (watched: ChildProcess): void => {
    watched.once('exit', (code, signal) => {
      if (stopping) return;
      events.onDeath(signal ?? `exit code ${code}`);
      setTimeout(() => {
        if (stopping) return;
        child = launch(order, password);
        events.onStart(child.pid ?? 0);
        watch(child);
      }, restartDelayMs);
    });
  };
  watch(child);

  return {
    hotkey: ready.hotkey,
    publicKey: ready.publicKey,
    async stop() {
      stopping = true;
      password.close();
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
      await gone;
      clearTimeout(timer);
    },
  };
}

/**
 * Before the worker's program: no core file, and where a handler of the system takes cores through a pipe, which knows
 * no limit, nothing of the memory in it.
 */
const withoutCore = 'ulimit -c 0 || exit 1; echo 0 >/proc/self/coredump_filter; exec "$0" "$@"';

/** Detached from the terminal's process group: Ctrl-C is for the parent, which ends its children in order. */
function launch(order: Order, password: PasswordHolder): ChildProcess {
  const child = fork(entry, [], {
    execPath: '/bin/sh',
    // No debugger by signal either: it would read the key out.
    execArgv: ['-c', withoutCore, process.execPath, '--disable-sigusr1', ...nodeFlags],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc', ...password.stdio],
    // Certificates are buffers, which JSON would turn into lists of numbers.
    serialization: 'advanced',
    detached: true,
  });
  child.send({ ...order, password: password.files } satisfies SigningOrder);
  return child;
}

function readiness(child: ChildProcess): Promise<Extract<SigningNotice, { kind: 'ready' }>> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(died('no answer')), readyTimeoutMs);
    child.once('exit', (code, signal) => reject(died(signal ?? `exit code ${code}`)));
    child.once('error', (error) => reject(died(error.message)));
    child.on('message', (notice: SigningNotice) => {
      clearTimeout(timer);
      if (notice.kind === 'ready') resolve(notice);
      else reject(died(`${notice.code}: ${notice.message}`));
    });
  });
}

const died = (reason: string) => fail('OST_SIGNER_NOT_STARTED', { reason });
