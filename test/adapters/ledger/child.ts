import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { nodeFlags } from '../../../adapters/processes/node-flags.ts';

export interface ChildResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
}

/** Starts one of the programs in `children/` in a process of its own. */
export function startChild(name: string, ...args: readonly string[]): ChildProcess {
  const file = join(import.meta.dirname, 'children', `${name}.ts`);
  const env = { PATH: '/usr/bin', NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] };
  return spawn(process.execPath, [...nodeFlags, file, ...args], { stdio: ['pipe', 'pipe', 'inherit'], env });
}

/** Waits for its end and gives what it printed. */
export async function ended(child: ChildProcess): Promise<ChildResult> {
  const chunks: string[] = [];
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk));
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return { code, signal, output: chunks.join('') };
}
