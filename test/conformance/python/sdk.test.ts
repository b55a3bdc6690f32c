import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { nodeFlags } from '../../../adapters/processes/node-flags.ts';
import { testIf } from '../../setup/test-if.ts';
import { type SdkMajor, sdkPython } from './environment.mjs';

// Slow machines start a Python with the SDK in half a minute; a whole script takes half a minute on a fast one.
const TIMEOUT_MS = 300_000;

const main = fileURLToPath(new URL('../../../cli/main.ts', import.meta.url));
/** Longer than all scripts together: an epoch would give the miner with its stake a permit. */
const noEpoch = ['--tempo', '36000'];
const script = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const wanted = ([10, 11] as const).some((major) => sdkPython(major) !== null);

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

let devnet: ChildProcess | undefined;
let folder: string | undefined;
let endpoint = '';

/** `ostinato devnet` as a user starts it, with blocks that pass while one looks on. */
beforeAll(async () => {
  if (!wanted) return;
  folder = mkdtempSync(join(tmpdir(), 'ostinato-sdk-'));
  const options = ['--memory', '--state', folder, '--port', '0', '--block-time', '100ms', '--mechanisms', '2'];
  devnet = spawn(process.execPath, [...nodeFlags, main, 'devnet', ...options, ...noEpoch], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  endpoint = await announced(devnet);
}, TIMEOUT_MS);

afterAll(async () => {
  if (devnet !== undefined) {
    const gone = once(devnet, 'exit');
    devnet.kill('SIGTERM');
    await gone;
  }
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

/** The address that the chain says it listens on. */
async function announced(child: ChildProcess): Promise<string> {
  const said: string[] = [];
  return new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on('line', (line) => {
        said.push(line);
        const [address] = /ws:\/\/127\.0\.0\.1:\d+/.exec(line) ?? [];
        if (address !== undefined) resolve(address);
      });
    }
    child.once('exit', () => reject(new Error(`ostinato devnet ended: ${said.join('\n')}`)));
  });
}

async function run(major: SdkMajor, name: string, mode: 'sync' | 'async'): Promise<Ended> {
  const child = spawn(sdkPython(major) ?? '', [script(name), endpoint, mode], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', NO_PROXY: '*' },
  });
  const output: string[] = [];
  child.stdout.on('data', (data: unknown) => output.push(String(data)));
  child.stderr.on('data', (data: unknown) => output.push(String(data)));
  const ended = once(child, 'close');
  const timer = setTimeout(() => child.kill('SIGKILL'), TIMEOUT_MS - 20_000);
  await ended;
  clearTimeout(timer);
  return { code: child.exitCode, output: output.join('') };
}

const failures = ({ output }: Ended) => output.split('\n').filter((line) => /^FAIL |Traceback|Error:/.test(line));

describe('the embedded chain', () => {
  const has = (major: SdkMajor) =>
    testIf(sdkPython(major) !== null, `needs Bittensor SDK ${major}: node test/conformance/python/prepare.mjs`);

  const works = async (major: SdkMajor, name: string, mode: 'sync' | 'async', least: number) => {
    const ended = await run(major, name, mode);
    expect(failures(ended)).toEqual([]);
    expect(ended.code).toBe(0);
    expect(ended.output.split('\n').filter((line) => line.startsWith('pass ')).length).toBeGreaterThanOrEqual(least);
  };

  has(10)(
    'does for the Bittensor SDK 10.5.0 everything that a validator and a miner ask of a chain',
    () => works(10, 'sdk10.py', 'sync', 110),
    TIMEOUT_MS,
  );
  has(10)('does the same for its async client', () => works(10, 'sdk10.py', 'async', 110), TIMEOUT_MS);
  has(11)('answers the reads of the Bittensor SDK 11.3.0', () => works(11, 'sdk11.py', 'sync', 50), TIMEOUT_MS);
  has(11)('answers the reads of its async client', () => works(11, 'sdk11.py', 'async', 50), TIMEOUT_MS);
});
