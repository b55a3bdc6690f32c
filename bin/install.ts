import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from '../adapters/processes/lock.ts';
import { npmCommand, runNpm } from './node24.mjs';

export const ROOT = join(import.meta.dirname, '..');
const LOCKFILE = join(ROOT, 'package-lock.json');
const MODULES = join(ROOT, 'node_modules');
/** Says for which lock file node_modules was made; npm ci takes it away with everything else. */
const STAMP = join(MODULES, '.ostinato-lock-hash');
/** npm's own note of what lies in node_modules. */
const INSTALLED = join(MODULES, '.package-lock.json');
/** Outside of node_modules, which an installation empties. */
const INSTALL_LOCK = join(ROOT, '.ostinato', 'install.lock');
const INSTALL_TIMEOUT_MS = 20 * 60_000;

type Environment = Readonly<Record<string, string | undefined>>;

const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

const textOf = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
};

const lockHash = (): string => createHash('sha256').update(readFileSync(LOCKFILE)).digest('hex');

interface LockedPackage {
  readonly version?: string;
  readonly optional?: boolean;
}

function packagesOf(text: string): Readonly<Record<string, LockedPackage>> {
  const { packages } = JSON.parse(text) as { readonly packages?: Readonly<Record<string, LockedPackage>> };
  return packages ?? {};
}

/** Whether somebody ran `npm ci` without us: everything that is locked lies there in that version. */
function wasInstalledByHand(): boolean {
  const note = textOf(INSTALLED);
  if (note === undefined) return false;
  const installed = packagesOf(note);
  return Object.entries(packagesOf(readFileSync(LOCKFILE, 'utf8'))).every(
    ([path, { version, optional }]) => path === '' || optional === true || installed[path]?.version === version,
  );
}

/** Whether node_modules is missing or was made for another lock file. */
export function lacksDependencies(): boolean {
  const hash = lockHash();
  if (textOf(STAMP) === hash) return false;
  if (!wasInstalledByHand()) return true;
  writeFileSync(STAMP, hash);
  return false;
}

/** Runs `npm ci` under this Node. Of two at once the second waits, and then finds everything in place. */
export async function installDependencies(environment: Environment, signal: AbortSignal): Promise<void> {
  const onWait = (): void => say('Another process is installing the dependencies; waiting for it …');
  await withLock(INSTALL_LOCK, 'npm ci', { timeoutMs: INSTALL_TIMEOUT_MS, onWait }, async () => {
    if (!lacksDependencies()) return;
    const hash = lockHash();
    const chosen = environment['ONNXRUNTIME_NODE_INSTALL'];
    // No package here needs its install script: all bring their binaries. npm would compile better-sqlite3 all the same
    // (from a lock file it does not see the package's `gypfile: false`), which fails on a machine without a compiler.
    const scripts = chosen === undefined ? ['--ignore-scripts'] : [];
    say('Installing the dependencies (npm ci); this takes one to three minutes …');
    const seconds = await runNpm(
      npmCommand(process.execPath, environment),
      ['ci', ...scripts, '--no-audit', '--no-fund'],
      {
        cwd: ROOT,
        // Its install script would fetch CUDA libraries that nobody here needs, and fails where the internet is closed.
        env: { ...environment, ONNXRUNTIME_NODE_INSTALL: chosen ?? 'skip' },
        label: 'Installing the dependencies',
        signal,
      },
    );
    writeFileSync(STAMP, hash);
    say(`The dependencies are installed, after ${seconds} s.`);
  });
}
