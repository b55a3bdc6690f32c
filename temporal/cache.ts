import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { CLI_VERSION } from './cli-version.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Ostinato's folder in the user's cache, outside any checkout: `$XDG_CACHE_HOME/ostinato` or `~/.cache/ostinato`. */
export function cacheFolder(environment: Environment = process.env): string {
  const base = environment['XDG_CACHE_HOME'];
  // The specification of these folders says that a relative path counts as unset.
  const root = base !== undefined && isAbsolute(base) ? base : join(environment['HOME'] ?? homedir(), '.cache');
  return join(root, 'ostinato');
}

export const cliCacheFolder = (environment?: Environment): string => join(cacheFolder(environment), 'temporal-cli');

/** Where the Temporal CLI that this project builds or downloads is kept. */
export const cachedCliPath = (environment?: Environment): string =>
  join(cliCacheFolder(environment), `temporal-${CLI_VERSION}`);
