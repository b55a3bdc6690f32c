import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import pino from 'pino';
import { openStore } from '../../adapters/artifacts/store.ts';
import { fetchDataset } from '../../adapters/data/hub-cache.ts';
import { importBase } from '../../adapters/published-model/import-base.ts';
import { loadSigner } from '../../adapters/wallet/load.ts';
import { initConfig } from '../../config/init.ts';
import { loadConfig } from '../../config/load.ts';
import { isOstinatoError } from '../../domain/errors/error.ts';
import { LocalHub } from '../adapters/data/local-hub.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ostinato-start-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

/** What an operator reads: the code, what happened, and what to do. */
async function explained(work: () => unknown): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (isOstinatoError(error)) return error.explain();
    throw error;
  }
  throw new Error('nothing went wrong');
}

describe('of the start-up errors that operators know', () => {
  test('"must be authenticated" tells of HF_TOKEN and the licence', async () => {
    const commit = 'a'.repeat(40);
    const hub = await LocalHub.start({ commit, large: [], files: { 'a.jsonl': Buffer.from('{}') }, gated: 'hf_x' });
    try {
      const cache = { endpoint: hub.endpoint, token: null, home: folder, log: pino({ level: 'silent' }) };
      const reference = { owner: 'math', name: 'sums', revision: commit, selection: null };
      const text = await explained(() => fetchDataset(cache, reference));
      expect(text).toMatch(/^OST_DATASET_FORBIDDEN: .* must be authenticated.*HF_TOKEN is missing in \.env.*licence/);
      expect(text).toContain(`${hub.endpoint}/datasets/math/sums`);
    } finally {
      await hub.close();
    }
  });

  test('a model folder without expert groups tells of model_path and DATA_DIR', async () => {
    await mkdir(join(folder, 'model'));
    const store = await openStore(join(folder, 'store'));
    const text = await explained(() => importBase(join(folder, 'model'), store));
    expect(text).toMatch(/^OST_MODEL_BASE_MISSING: .*model_expgroup_N.*model_path.*expert groups.*DATA_DIR/);
  });

  test('a DATA_DIR that points at nothing is named with its place', async () => {
    await writeFile(join(folder, '.env'), 'DATA_DIR=elsewhere\n');
    const text = await explained(() => loadConfig({ role: 'validator', cwd: folder, env: {} }));
    expect(text).toMatch(/^OST_CONFIG_DATA_DIR: .*\.env sets DATA_DIR to .*elsewhere, which is no folder/);
  });

  test('"wallet not found" tells of WALLET_NAME, HOTKEY_NAME and BITTENSOR_WALLET_PATH', async () => {
    const text = await explained(() => loadSigner({ kind: 'wallet', folder, wallet: 'w', hotkey: 'h' }));
    expect(text).toMatch(/^OST_WALLET_NOT_FOUND: The wallet was not found: .*w\/hotkeys\/h/);
    for (const name of ['WALLET_NAME', 'HOTKEY_NAME', '.env', 'BITTENSOR_WALLET_PATH']) expect(text).toContain(name);
  });
});

describe('DATA_DIR', () => {
  test('is where deployments are written and found, from the environment or from .env', async () => {
    const data = join(folder, 'data');
    const cwd = join(folder, 'cwd');
    await mkdir(data);
    await mkdir(cwd);
    const made = initConfig({ role: 'miner', hotkey: 'h', run: 'r', cwd, env: { DATA_DIR: data } });
    expect(made.folder).toBe(join(data, 'checkpoints/miner/h/r'));
    expect(loadConfig({ role: 'miner', cwd, env: { DATA_DIR: data } }).folder).toBe(made.folder);
    await writeFile(join(cwd, '.env'), 'DATA_DIR=../data\n');
    expect(loadConfig({ role: 'miner', cwd, env: { DATA_DIR: '' } }).folder).toBe(made.folder);
    // A folder that is named needs no other.
    expect(loadConfig({ role: 'miner', path: made.folder, cwd, env: { DATA_DIR: '/nowhere' } }).folder).toBe(
      made.folder,
    );
  });
});
