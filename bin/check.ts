import { join } from 'node:path';
import { ROOT } from './install.ts';
import { run } from './run.ts';

/** Types, formatting and lint; the last one is type-aware and catches promises that nobody waits for. */
const tools = [
  ['tsc', '-p', '.'],
  ['biome', 'check', '.'],
  ['oxlint', '--type-aware', '.'],
] as const;

/** Runs all checks, also after one has failed; gives 0 where all pass. */
export async function check(environment: Readonly<Record<string, string | undefined>>): Promise<number> {
  const failed: string[] = [];
  for (const [tool, ...args] of tools) {
    const code = await run(join(ROOT, 'node_modules', '.bin', tool), args, environment, ROOT);
    if (code !== 0) failed.push(tool);
  }
  process.stderr.write(failed.length === 0 ? 'Types, format and lint are fine.\n' : `Failed: ${failed.join(', ')}.\n`);
  return failed.length === 0 ? 0 : 1;
}
