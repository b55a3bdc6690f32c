import { type ChildProcess, spawn } from 'node:child_process';
import type { GuardAnswer, GuardMessage } from './guard-protocol.ts';

/**
 * Stands between a miner and its training command. A miner that is killed cannot end what it started, and a training
 * that nobody listens to would hold a graphics card for ever: this process notices the closed channel and ends the
 * command with all of its process group.
 */
const graceMs = 2_000;

// A terminal's Ctrl-C reaches everybody; the miner alone decides when its command ends.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => undefined);

const answer = (message: GuardAnswer): void => {
  if (process.connected) process.send?.(message);
};

function signalGroup({ pid }: ChildProcess, name: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, name);
  } catch {
    // It is gone already.
  }
}

function start({ argv: [program, ...args], cwd, env }: Extract<GuardMessage, { readonly kind: 'start' }>): void {
  // A group of its own: torchrun's workers must hear what torchrun hears, and end when it ends.
  const child = spawn(program, args, { cwd, env, detached: true, stdio: ['ignore', 'inherit', 'inherit'] });
  child.once('spawn', () => answer({ kind: 'started', pid: child.pid ?? 0 }));
  child.once('error', (error) => {
    answer({ kind: 'not_started', reason: error.message });
    process.disconnect?.();
  });
  child.once('exit', (code, signal) => {
    // Whatever it left running writes into nobody's pipe any more.
    signalGroup(child, 'SIGKILL');
    answer({ kind: 'ended', code, signal });
    process.disconnect?.();
  });
  process.on('message', (message: GuardMessage) => {
    if (message.kind === 'signal') signalGroup(child, message.signal);
  });
  process.once('disconnect', () => {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) process.exit(0);
    signalGroup(child, 'SIGTERM');
    setTimeout(() => {
      signalGroup(child, 'SIGKILL');
      process.exit(0);
    }, graceMs);
  });
}

process.once('message', (message: GuardMessage) => {
  if (message.kind === 'start') start(message);
});
