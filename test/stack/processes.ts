import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type ManagedChild, startChild } from '../../adapters/processes/children.ts';
import type { LogLine } from '../../adapters/processes/log-line.ts';
import { nodeFlags } from '../../adapters/processes/node-flags.ts';
import { cacheFolder } from '../../temporal/cache.ts';

const root = join(import.meta.dirname, '../..');
const kept = ['PATH', 'HOME', 'LANG', 'TZ', 'XDG_CACHE_HOME'];

const argumentsOf = (args: readonly string[]): readonly string[] => [
  ...nodeFlags,
  join(root, 'cli', 'main.ts'),
  ...args,
];

const environment = (cwd: string, more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv => ({
  ...more,
  ...Object.fromEntries(kept.map((name) => [name, process.env[name]])),
  // What a killed process leaves there goes with the stack's folder.
  TMPDIR: join(cwd, 'tmp'),
  NODE_COMPILE_CACHE: join(cacheFolder(), 'compiled'),
});

/** Runs `ostinato …` as an operator does, to its end. */
export async function runOstinato(
  args: readonly string[],
  cwd: string,
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const run = promisify(execFile)(process.execPath, [...argumentsOf(args)], { cwd, env: environment(cwd) });
  return run.then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: { readonly code: number; readonly stdout: string; readonly stderr: string }) => error,
  );
}

/** Starts `ostinato …` in a process group of its own; its environment configures no more than `more` says. */
export const startOstinato = (
  label: string,
  args: readonly string[],
  cwd: string,
  onLine: (line: LogLine) => void,
  more: Readonly<Record<string, string>> = {},
): Promise<ManagedChild> =>
  startChild({
    label,
    command: process.execPath,
    args: argumentsOf(args),
    env: environment(cwd, more),
    cwd,
    onLine,
    graceMs: 20_000,
  });
