import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach } from '@jest/globals';

/** A folder that goes away after each test. */
export function temporaryFolders(): () => string {
  const folders: string[] = [];
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  });
  return () => {
    const folder = mkdtempSync(join(tmpdir(), 'ostinato-processes-'));
    folders.push(folder);
    return folder;
  };
}

export interface Script {
  readonly child: ChildProcess;
  readonly pid: number;
  /** Its next line of output. */
  readonly line: () => Promise<string>;
  readonly exited: Promise<{ readonly code: number | null; readonly signal: string | null }>;
}

/** Runs ES module source under this Node as a process of its own, and kills it after each test. */
export function scripts(): (source: string, ...args: readonly string[]) => Script {
  const children: ChildProcess[] = [];
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });
  return (source, ...args) => {
    const child = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', source, '--', ...args],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    children.push(child);
    if (child.pid === undefined) throw new Error('The script was not started.');
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    return {
      child,
      pid: child.pid,
      line: async () => String((await lines.next()).value),
      exited: new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal }))),
    };
  };
}

/** The URL of a source file, for import in a script. */
export const source = (path: string): string => new URL(`../../${path}`, import.meta.url).href;
