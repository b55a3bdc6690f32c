import { spawn } from 'node:child_process';

type Environment = Readonly<Record<string, string | undefined>>;

/** Runs a program to its end with our own terminal and gives its exit code; 128 and more where a signal ended it. */
export function run(command: string, args: readonly string[], env: Environment, cwd: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit', env, cwd });
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(signal === null ? (code ?? 1) : 128));
  });
}

/** The variables that are set. */
const setVariables = (env: Environment): Record<string, string> =>
  Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));

/**
 * Goes on as another program under this same Node. The process is replaced: no idle parent stays behind, and signals
 * and exit codes need no passing on. Does not return.
 */
export function become(args: readonly string[], env: Environment): never {
  if (process.execve === undefined) throw new Error('This Node cannot replace its process.');
  return process.execve(process.execPath, [process.execPath, ...args], setVariables(env));
}
