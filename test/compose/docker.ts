import { spawn, spawnSync } from 'node:child_process';

/** Whether an engine for Linux containers answers. */
export function dockerAnswers(): boolean {
  const { stdout, status } = spawnSync('docker', ['version', '--format', '{{.Server.Os}}'], {
    encoding: 'utf8',
    timeout: 15_000,
  });
  return status === 0 && stdout.trim() === 'linux';
}

export interface Result {
  readonly code: number | null;
  /** What it printed, to both streams. */
  readonly output: string;
}

/** Runs a program to its end. */
export function run(program: string, ...args: readonly string[]): Promise<Result> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += String(chunk)));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output }));
  });
}

/** Runs a program that must succeed and gives what it printed; where it fails, its last words are the error. */
export async function must(program: string, ...args: readonly string[]): Promise<string> {
  const { code, output } = await run(program, ...args);
  if (code !== 0) throw new Error(`${program} ${args[0]} ended with ${code}:\n${output.slice(-6000)}`);
  return output.trim();
}

export const docker = (...args: readonly string[]): Promise<string> => must('docker', ...args);

/** Whether the engine has an image, container or volume of that name. */
export const exists = async (kind: 'image' | 'container' | 'volume', name: string): Promise<boolean> =>
  (await run('docker', kind, 'inspect', name)).code === 0;
