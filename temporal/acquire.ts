import { join } from 'node:path';
import { withLock } from '../adapters/processes/lock.ts';
import { fail } from '../domain/errors/error.ts';
import { buildTemporalCli } from './build.ts';
import { cachedCliPath, cliCacheFolder } from './cache.ts';
import { findTemporalCli, type TemporalCli } from './cli-binary.ts';
import { CLI_VERSION } from './cli-version.ts';
import { downloadTemporalCli } from './sdk-download.ts';
import type { Acquired, Source, SourceContext } from './sources.ts';

/** Longer than the slowest build that was seen. */
const LOCK_TIMEOUT_MS = 45 * 60_000;

/** The quick way first. */
const allSources: readonly Source[] = [downloadTemporalCli, buildTemporalCli];

async function firstThatWorks(sources: readonly Source[], context: SourceContext): Promise<Acquired> {
  const reasons: string[] = [];
  for (const source of sources) {
    const result = await source(context);
    if (result.kind === 'made') return result;
    reasons.push(result.reason);
    if (context.signal?.aborted === true) break;
  }
  return { kind: 'failed', reason: reasons.join('; ') };
}

/**
 * Makes a Temporal CLI from the first of the sources that works. Of two processes that want one, the second waits and
 * takes what the first has made.
 */
export async function makeTemporalCli(sources: readonly Source[], context: SourceContext): Promise<Acquired> {
  const onWait = (): void => context.say('Another process is getting the Temporal CLI; waiting for it …');
  return withLock(
    join(cliCacheFolder(context.environment), 'making.lock'),
    'getting the Temporal CLI',
    { timeoutMs: LOCK_TIMEOUT_MS, onWait },
    async () => {
      const found = findTemporalCli(context.environment);
      return found === undefined ? firstThatWorks(sources, context) : { kind: 'made', path: found.path };
    },
  );
}

/** The one error that lists the ways out. */
export const noBinary = (tried: string, environment: SourceContext['environment']): Error =>
  fail('OST_TEMPORAL_NO_BINARY', { tried, cachePath: cachedCliPath(environment) });

/**
 * A Temporal CLI: one that is on this machine already, else one that is downloaded or built now, which may take ten
 * minutes.
 * @throws OST_TEMPORAL_NO_BINARY, OST_TEMPORAL_CLI_PATH
 */
export async function acquireTemporalCli(
  context: SourceContext,
  sources: readonly Source[] = allSources,
): Promise<TemporalCli> {
  const found = findTemporalCli(context.environment);
  if (found !== undefined) return found;
  const made = await makeTemporalCli(sources, context);
  if (made.kind === 'made') return { path: made.path, version: CLI_VERSION, origin: 'cache' };
  throw noBinary(made.reason, context.environment);
}
