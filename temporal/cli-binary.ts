import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fail } from '../domain/errors/error.ts';
import { cachedCliPath } from './cache.ts';
import { type CliProbe, probeCli } from './cli-version.ts';

// This file and what it imports run before the dependencies are installed: Node's own modules only.

export interface TemporalCli {
  readonly path: string;
  readonly version: string;
  readonly origin: 'TEMPORAL_CLI_PATH' | 'PATH' | 'cache';
}

type Environment = Readonly<Record<string, string | undefined>>;

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** The first program of that name on PATH. */
export function onPath(name: string, environment: Environment): string | undefined {
  return (environment['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

const usable = (probe: CliProbe, origin: TemporalCli['origin']): TemporalCli | undefined =>
  probe.kind === 'usable' ? { path: probe.path, version: probe.version, origin } : undefined;

/**
 * Looks for a Temporal CLI that is already on this machine: TEMPORAL_CLI_PATH, PATH, the project's own cache.
 * @throws OST_TEMPORAL_CLI_PATH where that variable names something that cannot be used: an explicit wish is not
 * quietly passed over.
 */
export function findTemporalCli(environment: Environment = process.env): TemporalCli | undefined {
  const wish = environment['TEMPORAL_CLI_PATH'];
  if (wish !== undefined && wish !== '') {
    const probe = probeCli(wish);
    if (probe.kind === 'usable') return { path: wish, version: probe.version, origin: 'TEMPORAL_CLI_PATH' };
    throw fail('OST_TEMPORAL_CLI_PATH', { path: wish, reason: probe.reason });
  }
  const found = onPath('temporal', environment);
  const fromPath = found === undefined ? undefined : usable(probeCli(found), 'PATH');
  if (fromPath !== undefined) return fromPath;
  const cached = cachedCliPath(environment);
  return isExecutable(cached) ? usable(probeCli(cached), 'cache') : undefined;
}
