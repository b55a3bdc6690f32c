import { spawnSync } from 'node:child_process';

/** What the project builds, and caches under this number. */
export const CLI_VERSION = '1.8.2';
/** Older ones lack what workflows here use (updates with start, priorities, deployment versions). */
export const OLDEST_CLI_VERSION = '1.5';

export type CliProbe =
  | { readonly kind: 'usable'; readonly path: string; readonly version: string }
  | { readonly kind: 'unusable'; readonly path: string; readonly reason: string };

/** Whether version `a` is at least `b`; both are dotted numbers, and what follows them is left aside. */
export function isAtLeast(a: string, b: string): boolean {
  const [left, right] = [a, b].map((text) => text.split('-')[0]?.split('.').map(Number) ?? []);
  for (let index = 0; index < Math.max(left?.length ?? 0, right?.length ?? 0); index += 1) {
    const difference = (left?.[index] ?? 0) - (right?.[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

/** Asks a program whether it is a Temporal CLI, and which one. */
export function probeCli(path: string): CliProbe {
  const { stdout, error, status } = spawnSync(path, ['--version'], { encoding: 'utf8', timeout: 30_000 });
  if (error !== undefined) return { kind: 'unusable', path, reason: error.message };
  const version = /^temporal version (\S+)/m.exec(stdout)?.[1];
  if (status !== 0 || version === undefined) {
    return { kind: 'unusable', path, reason: 'it does not answer --version as the Temporal CLI does' };
  }
  if (!isAtLeast(version, OLDEST_CLI_VERSION)) {
    return { kind: 'unusable', path, reason: `version ${version} is older than ${OLDEST_CLI_VERSION}` };
  }
  return { kind: 'usable', path, version };
}
