import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { doctor } from '../../cli/commands/doctor.ts';
import { initConfig } from '../../config/init.ts';
import { type Devnet, startDevnet } from '../../devnet/chain/start.ts';

let devnet: Devnet;
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ostinato-doctor-'));
  devnet = await startDevnet({ folder: null, port: 0, blockTimeMs: 'gated' });
  await devnet.buildBlock();
});
afterAll(async () => {
  await devnet?.close();
  await rm(folder, { recursive: true, force: true });
});

async function said(name: string, values: Readonly<Record<string, unknown>>) {
  const place = join(folder, name);
  initConfig({ role: 'validator', hotkey: name, run: 'test', folder: place, values });
  const lines: string[] = [];
  const good = await doctor({ role: 'validator', path: place }, (line) => lines.push(line));
  return { good, lines };
}

test('the doctor reaches the chain and the archive, and says what an archive would be for where there is none', async () => {
  const { url } = devnet;
  const both = await said('both', { chain_endpoint: url, chain_archive_endpoint: url });
  expect(both.lines).toEqual(
    expect.arrayContaining([`ok      chain ${url} at block 1`, `ok      archive ${url} at block 1`]),
  );
  const one = await said('one', { chain_endpoint: url });
  const at = one.lines.indexOf('ok      no archive endpoint');
  expect(one.lines[at + 1]).toContain('chain_archive_endpoint');
});

test('the doctor finds nothing good in an endpoint that nobody answers', async () => {
  const { good, lines } = await said('none', { chain_endpoint: 'ws://127.0.0.1:9' });
  expect(good).toBe(false);
  expect(lines.find((line) => line.includes('ws://127.0.0.1:9'))).toMatch(/^MISSING/);
}, 30_000);
