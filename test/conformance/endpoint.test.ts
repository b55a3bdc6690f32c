import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { nodeFlags } from '../../adapters/processes/node-flags.ts';
import type { KeySource } from '../../adapters/wallet/load.ts';
import { type Devnet, startDevnet } from '../../devnet/chain/start.ts';
import { openEndpoint } from './open.ts';
import { openRawSpec } from './raw-spec.ts';
import { runSuite } from './suite.ts';
import { lineOf } from './verdict.ts';

let devnet: Devnet;

beforeAll(async () => {
  const neurons = ['//One', '//Two', '//Three'].map((account) => ({ account, role: 'miner' }) as const);
  // The limits outlast the test, however slow the machine is.
  const subnet = { servingRateLimit: 100_000, weightsRateLimit: 100_000 };
  devnet = await startDevnet({ folder: null, port: 0, blockTimeMs: 100, neurons, subnet });
});

afterAll(() => devnet?.close());

/** The report of a run without root. */
async function report(wallet: KeySource | null): Promise<readonly string[]> {
  const ground = await openEndpoint({ url: devnet.url, archive: devnet.url, netuid: 1, wallet });
  try {
    return (await runSuite(ground)).map(lineOf);
  } finally {
    await ground.close();
  }
}

const failed = (lines: readonly string[]) => lines.filter((line) => line.includes(': fail'));
const wrote = (lines: readonly string[]) => lines.filter((line) => /^(commitments|axons|weights): .*pass$/.test(line));

describe('a chain that lives by itself', () => {
  test('is read, and nothing is written to it', async () => {
    const lines = await report(null);
    expect(failed(lines)).toEqual([]);
    expect(lines).toContain('snapshot: equals single reads at its block: pass');
    expect(lines.filter((line) => line.startsWith('streams:') && line.endsWith('pass'))).toHaveLength(3);
    expect(wrote(lines)).toEqual([]);
    expect(lines).toContain('refusal: DuplicateUids: not provoked (it takes root, or other hotkeys)');
  }, 120_000);

  test('is written to by the wallet that is named, as far as that needs no root', async () => {
    const lines = await report({ kind: 'uri', uri: '//Alice' });
    expect(failed(lines)).toEqual([]);
    expect(wrote(lines)).toEqual([
      'axons: an address is served and read, also in the snapshot: pass',
      'commitments: a text is written and read, one by one, as a list and at its block: pass',
      'commitments: the room of an epoch is told, and what was written counts: pass',
      'weights: set, read back and equal after upscaling, with the block of the update: pass',
    ]);
  }, 120_000);

  test('has not failed where its limits forbid to write again at once', async () => {
    const lines = await report({ kind: 'uri', uri: '//Alice' });
    expect(failed(lines)).toEqual([]);
    expect(lines.filter((line) => line.includes('not provoked (subtensorModule.'))).toHaveLength(2);
  }, 120_000);
});

/** `npm run conformance -- …args` */
async function conformance(...args: readonly string[]) {
  const { PATH, HOME, NODE_COMPILE_CACHE } = process.env;
  const child = spawn(process.execPath, [...nodeFlags, join(import.meta.dirname, 'main.ts'), ...args], {
    env: { PATH, HOME, NODE_COMPILE_CACHE, NODE_NO_WARNINGS: '1' },
  });
  const heard = { out: '', errors: '' };
  child.stdout.on('data', (chunk: Buffer) => {
    heard.out += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    heard.errors += chunk.toString();
  });
  const [code]: readonly unknown[] = await once(child, 'close');
  return { code, lines: heard.out.trim().split('\n'), errors: heard.errors };
}

describe('the command', () => {
  test('ends with exit code 1 where a check failed, and goes through the others all the same', async () => {
    const { code, lines } = await conformance('--endpoint', devnet.url, '--netuid', '77');
    expect(code).toBe(1);
    expect(failed(lines)).not.toHaveLength(0);
    expect(lines).toContain('connect: the genesis hash is that of block 0: pass');
    expect(lines.at(-1)).toMatch(/^node-subtensor \d+: \d+ pass, [1-9]\d* fail, \d+ not there, \d+ not provoked$/);
  }, 120_000);

  test('says how it is called where no chain is named', async () => {
    const { code, errors } = await conformance('--write');
    expect(code).toBe(2);
    expect(errors).toContain('npm run conformance -- --endpoint');
  }, 120_000);
});

test('a specification that is not there is told by what runs it', async () => {
  await expect(openRawSpec('/nowhere/at/all.json')).rejects.toThrow(/chopsticks did not start.*\/nowhere/s);
}, 120_000);
