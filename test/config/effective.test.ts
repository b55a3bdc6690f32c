import { readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { writeEffective } from '../../config/effective.ts';
import { initConfig } from '../../config/init.ts';
import { loadConfig } from '../../config/load.ts';

test('what a process goes by is written beside its configuration, without secrets', async () => {
  const cwd = await mkdtemp(join(tmpdir(), 'ostinato-effective-'));
  try {
    const { folder } = initConfig({ role: 'validator', hotkey: 'h', run: 'r', cwd, env: {} });
    const env = { HF_TOKEN: 'hf_secret', OSTINATO_NETUID: '7' };
    const { sources } = loadConfig({ role: 'validator', cwd, env });
    const file = writeEffective('validator', folder, sources);
    expect(readdirSync(folder).toSorted()).toEqual(['config.yaml', 'effective-validator.json']);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const text = readFileSync(file, 'utf8');
    expect(text).not.toContain('hf_secret');
    const { settings } = JSON.parse(text) as { readonly settings: readonly { readonly key: string }[] };
    expect(settings.find(({ key }) => key === 'netuid')).toEqual({
      key: 'netuid',
      value: 7,
      source: 'environment',
      where: 'OSTINATO_NETUID',
    });
  } finally {
    await rm(cwd, { recursive: true });
  }
});
