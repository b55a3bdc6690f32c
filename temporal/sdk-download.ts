import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describeExit, startChild } from '../adapters/processes/children.ts';
import { messageOf } from '../domain/errors/error.ts';
import { cachedCliPath, cliCacheFolder } from './cache.ts';
import { probeCli } from './cli-version.ts';
import type { Acquired, SourceContext } from './sources.ts';

const ROOT = join(import.meta.dirname, '..');
const SCRIPT = join(import.meta.dirname, 'sdk-download-script.ts');
/** A development dependency: an installation without those has no download. */
const TESTING = join(ROOT, 'node_modules', '@temporalio', 'testing');
/** Where nothing arrives for so long, a firewall swallows the connection. */
const STALLED_MS = 20_000;

const failed = (reason: string): Acquired => ({
  kind: 'failed',
  reason: `the SDK's download: ${reason.slice(0, 240)}`,
});

const filesIn = (folder: string): readonly string[] => readdirSync(folder).map((name) => join(folder, name));

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

/** Stops a download that does not move; gives what ends the watch. */
function watchProgress(folder: string, onStalled: () => void): () => void {
  let [lastBytes, lastChangeMs] = [0, Date.now()];
  const watch = setInterval(() => {
    const bytes = filesIn(folder).reduce((sum, path) => sum + sizeOf(path), 0);
    if (bytes !== lastBytes) [lastBytes, lastChangeMs] = [bytes, Date.now()];
    else if (Date.now() - lastChangeMs > STALLED_MS) onStalled();
  }, 500);
  return () => clearInterval(watch);
}

/**
 * Lets the SDK download its development server, and keeps that. In a process of its own: the download cannot be
 * stopped otherwise, and a closed network may leave it waiting for ever.
 */
export async function downloadTemporalCli({ environment, say, signal }: SourceContext): Promise<Acquired> {
  if (!existsSync(TESTING)) return failed('the SDK is not installed');
  mkdirSync(cliCacheFolder(environment), { recursive: true });
  const folder = mkdtempSync(join(cliCacheFolder(environment), '.downloading-'));
  try {
    say('Asking the Temporal SDK for its development server …');
    const child = await startChild({
      label: 'the SDK’s download',
      command: process.execPath,
      args: [SCRIPT, folder],
      env: environment,
      graceMs: 1_000,
    });
    const stop = (): void => void child.stop();
    const unwatch = watchProgress(folder, stop);
    signal?.addEventListener('abort', stop);
    const exit = await child.exited;
    signal?.removeEventListener('abort', stop);
    unwatch();
    // The script also starts what it downloaded, and may fail in that alone; so only the file decides.
    const [file] = filesIn(folder).filter((path) => !path.endsWith('.downloading'));
    if (file === undefined) return failed(exit.asked ? 'it does not get on' : describeExit(exit));
    chmodSync(file, 0o755);
    const probe = probeCli(file);
    if (probe.kind === 'unusable') return failed(probe.reason);
    const path = cachedCliPath(environment);
    renameSync(file, path);
    return { kind: 'made', path };
  } catch (error) {
    return failed(messageOf(error));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
