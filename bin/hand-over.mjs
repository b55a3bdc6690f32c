// Runs the rest of the program under Node 24 and stands in for it: signals go in, the exit code comes out.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BootstrapError, findNode24 } from './node24.mjs';

const ROOT = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '..');

/**
 * Whether the terminal itself sends Ctrl-C to our whole process group: then the child has it already, and a second
 * one would mean "at once".
 */
function isInForeground() {
  try {
    const stat = readFileSync('/proc/self/stat', 'utf8');
    const [, , group, , , foreground] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return group === foreground;
  } catch {
    return process.stdin.isTTY === true;
  }
}

function standInFor(child) {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      if (signal !== 'SIGINT' || !isInForeground()) child.kill(signal);
    });
  }
  child.once('error', (error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  });
  child.once('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    for (const each of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeAllListeners(each);
    process.kill(process.pid, signal);
  });
}

/** Finds Node 24 and runs bin/commands.ts under it. */
export async function handOver(args) {
  try {
    const node = await findNode24();
    const command = ['--disable-warning=ExperimentalWarning', join(ROOT, 'bin', 'commands.ts'), ...args];
    standInFor(spawn(node, command, { stdio: 'inherit' }));
  } catch (error) {
    if (!(error instanceof BootstrapError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
