import { join } from 'node:path';
import { type ManagedChild, startChild } from '../../adapters/processes/children.ts';
import type { LogLine } from '../../adapters/processes/log-line.ts';
import { nodeFlags } from '../../adapters/processes/node-flags.ts';

const main = join(import.meta.dirname, '..', 'main.ts');
/** A child that is training or uploading saves first. */
const graceMs = 15_000;

/** Variables that a process needs to run at all; none that would configure a deployment of the user's own. */
const kept = [
  'PATH',
  'HOME',
  'TMPDIR',
  'LANG',
  'LC_ALL',
  'TZ',
  'XDG_CACHE_HOME',
  'NODE_OPTIONS',
  'NODE_COMPILE_CACHE',
  'USER',
  'SHELL',
];

const environment = (): Record<string, string | undefined> =>
  Object.fromEntries(kept.map((name) => [name, process.env[name]]));

/**
 * Starts `ostinato …` as a child whose log lines come back. Its working directory is the state folder, not the user's.
 */
export const startOstinato = (
  label: string,
  args: readonly string[],
  stateFolder: string,
  onLine: (line: LogLine) => void,
): Promise<ManagedChild> =>
  startChild({
    label,
    command: process.execPath,
    args: [...nodeFlags, main, ...args],
    env: environment(),
    cwd: stateFolder,
    onLine,
    graceMs,
  });

/** Resolves when a line with this event came; rejects when the child ends first. */
export function awaitEvent(): {
  readonly see: (line: LogLine) => void;
  readonly seen: (event: string) => Promise<LogLine>;
} {
  const lines = new Map<string, LogLine>();
  const waiting = new Map<string, (line: LogLine) => void>();
  return {
    see(line) {
      if (line.event === undefined) return;
      if (!lines.has(line.event)) lines.set(line.event, line);
      waiting.get(line.event)?.(line);
    },
    seen: (event) => {
      const there = lines.get(event);
      return there === undefined ? new Promise((resolve) => waiting.set(event, resolve)) : Promise.resolve(there);
    },
  };
}
