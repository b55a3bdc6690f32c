import type { Played } from './play.ts';
import type { Point } from './point.ts';

/** What a run with kills has otherwise than the run without; null where nothing. */
export function difference(
  calm: Played | undefined,
  { outcome, files, exits, struck }: Played,
  points: readonly Point[],
): string | null {
  if (calm === undefined) return 'there is no run without kills of this seed';
  const alive = points.filter(({ name }) => !struck.includes(name));
  if (alive.length > 0) return `nobody was killed at: ${alive.map(({ name }) => name).join('; ')}`;
  if (exits.some((code) => code !== 0)) return `exit codes ${exits.join(', ')}`;
  for (const [name, expected] of Object.entries(calm.outcome)) {
    const found: unknown = Object.entries(outcome).find(([key]) => key === name)?.[1];
    if (JSON.stringify(found) === JSON.stringify(expected)) continue;
    return `${name} differ: ${JSON.stringify(found)} instead of ${JSON.stringify(expected)}`;
  }
  const left = files.filter((path) => !calm.files.includes(path));
  if (left.length > 0) return `left behind: ${left.join(', ')}`;
  const lost = calm.files.filter((path) => !files.includes(path));
  return lost.length > 0 ? `not there: ${lost.join(', ')}` : null;
}
