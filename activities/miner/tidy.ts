import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { keepNewest } from '../../adapters/artifacts/retention.ts';
import type { MinerIoDeps } from './deps.ts';

/** The cycle at hand, and the one before it for whoever wants to look. */
const trainingsKept = 2;

/**
 * Removes what a miner's finished cycles left: old slices, trained files and training states. The file that was
 * committed stays: validators may fetch it until the next one is.
 */
export async function tidy(
  { store, checkpointsKept, trainings }: Pick<MinerIoDeps, 'store' | 'checkpointsKept' | 'trainings'>,
  committed: string | null,
): Promise<void> {
  await keepNewest(store, checkpointsKept, new Set(committed === null ? [] : [committed]));
  const names = await readdir(trainings).catch(() => []);
  const folders = await Promise.all(
    names.map(async (name) => ({ name, changedMs: (await stat(join(trainings, name))).mtimeMs })),
  );
  const surplus = folders.toSorted((a, b) => b.changedMs - a.changedMs).slice(trainingsKept);
  for (const { name } of surplus) await rm(join(trainings, name), { recursive: true, force: true });
}
