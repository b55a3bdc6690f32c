import { fail } from '../domain/errors/error.ts';
import { cachedCliPath } from './cache.ts';
import { findTemporalCli, type TemporalCli } from './cli-binary.ts';

export interface AcquireOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly say: (line: string) => void;
}

export async function acquireTemporalCli({ environment }: AcquireOptions): Promise<TemporalCli> {
  const found = findTemporalCli(environment);
  if (found !== undefined) return found;
  throw fail('OST_TEMPORAL_NO_BINARY', { tried: '', cachePath: cachedCliPath(environment) });
}
