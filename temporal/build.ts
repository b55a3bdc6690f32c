import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cachedCliPath, cliCacheFolder } from './cache.ts';
import { CLI_VERSION, probeCli } from './cli-version.ts';
import { findGo } from './go-toolchain.ts';
import type { Acquired, SourceContext } from './sources.ts';
import { runStep } from './step.ts';

/** The Go module whose only purpose is to name the CLI's version and all it is made of. */
const MODULE_FOLDER = join(import.meta.dirname, 'cli');
const PROGRAM = 'github.com/temporalio/cli/cmd/temporal';
const LINK_FLAGS = `-s -w -X github.com/temporalio/cli/internal/temporalcli.Version=${CLI_VERSION}`;

const failed = (reason: string): Acquired => ({ kind: 'failed', reason });

/** Compiles the Temporal CLI into the cache, where it appears whole. The caller holds the lock of the build. */
export async function buildTemporalCli(context: SourceContext): Promise<Acquired> {
  const { environment, say } = context;
  const toolchain = await findGo(context);
  if (toolchain.kind === 'none') return failed(`building it: ${toolchain.reason}`);
  const { go, env } = toolchain;
  const step = { command: go, env, cwd: MODULE_FOLDER };
  // Listing the packages fetches all that the build needs, and tells how many there are.
  const listed = await runStep(
    {
      ...step,
      label: `Fetching the sources of Temporal CLI ${CLI_VERSION}`,
      expected: '260 MB',
      args: ['list', '-deps', PROGRAM],
    },
    context,
  );
  if (listed.kind === 'failed') return failed(`building it: its sources could not be fetched (${listed.reason})`);
  mkdirSync(cliCacheFolder(environment), { recursive: true });
  const temporary = join(cliCacheFolder(environment), '.building');
  const built = await runStep(
    {
      ...step,
      label: `Building Temporal CLI ${CLI_VERSION}`,
      expected: '5 to 9 minutes on two cores, once per machine',
      args: ['build', '-v', '-trimpath', '-ldflags', LINK_FLAGS, '-o', temporary, PROGRAM],
      progress: (lines) => `${lines} of at most ${listed.lines} packages`,
    },
    context,
  );
  if (built.kind === 'failed') {
    rmSync(temporary, { force: true });
    return failed(`building it: ${built.reason}`);
  }
  const probe = probeCli(temporary);
  if (probe.kind === 'unusable') return failed(`building it: what was built cannot be used, ${probe.reason}`);
  const path = cachedCliPath(environment);
  renameSync(temporary, path);
  say(`Temporal CLI ${CLI_VERSION} is built: ${path}`);
  return { kind: 'made', path };
}
