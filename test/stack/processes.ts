import { join } from 'node:path';
import { type ManagedChild, startChild } from '../../adapters/processes/children.ts';
import type { LogLine } from '../../adapters/processes/log-line.ts';
import { nodeFlags } from '../../adapters/processes/node-flags.ts';
import { cacheFolder } from '../../temporal/cache.ts';

const root = join(import.meta.dirname, '../..');
const kept = ['PATH', 'HOME', 'LANG', 'TZ', 'XDG_CACHE_HOME'];

/** Starts `ostinato …` in a process group of its own, with nothing in its environment that would configure it. */
export const startOstinato = (
  label: string,
  args: readonly string[],
  cwd: string,
  onLine: (line: LogLine) => void,
): Promise<ManagedChild> =>
  startChild({
    label,
    command: process.execPath,
    args: [...nodeFlags, join(root, 'cli', 'main.ts'), ...args],
    env: {
      ...Object.fromEntries(kept.map((name) => [name, process.env[name]])),
      // What a killed process leaves there goes with the stack's folder.
      TMPDIR: join(cwd, 'tmp'),
      NODE_COMPILE_CACHE: join(cacheFolder(), 'compiled'),
    },
    cwd,
    onLine,
    graceMs: 20_000,
  });
