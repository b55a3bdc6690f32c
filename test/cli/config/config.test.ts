import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { configInit } from '../../../cli/config/init.ts';
import { setOptions } from '../../../cli/config/set-option.ts';
import { configShow } from '../../../cli/config/show.ts';
import { errorOf, workingDirectory } from '../../config/folder.ts';

async function lines(run: (write: (line: string) => void) => Promise<void>): Promise<readonly string[]> {
  const written: string[] = [];
  await run((line) => written.push(line));
  return written;
}

describe('config init', () => {
  test('says what it wrote and what to start', async () => {
    const cwd = workingDirectory();
    const folder = join(cwd, 'checkpoints/miner/hk/r');
    const request = { role: 'miner', hotkey: 'hk', run: 'r', cwd } as const;
    expect(await lines((write) => configInit(request, write))).toEqual([
      `Wrote config ${folder}/config.yaml`,
      expect.any(String),
      `  ostinato miner io --path ${folder}`,
      `  ostinato miner train --path ${folder}`,
    ]);
    expect(await lines((write) => configInit({ ...request, keep: true }, write))).toEqual([
      `Kept config ${folder}/config.yaml`,
    ]);
    await expect(configInit(request, () => undefined)).rejects.toMatchObject({ code: 'OST_CONFIG_EXISTS' });
  });

  test('takes fields by --set', () => {
    expect(setOptions(['netuid=1', 'wallet.uri=//A=b'])).toEqual({ netuid: '1', 'wallet.uri': '//A=b' });
    expect(errorOf(() => setOptions(['netuid'])).code).toBe('OST_CONFIG_VALUE');
  });
});

describe('config show', () => {
  const cwd = workingDirectory({ 'd/config.yaml': 'netuid: 3\n', 'd/.env': 'OSTINATO_LOG_LEVEL=debug\n' });
  const request = { role: 'validator', path: 'd', cwd, env: { BZ_AUTH_TOKEN: 'very-secret' } } as const;

  test('prints each value with its place, and no secret', async () => {
    const text = (await lines((write) => configShow(request, write))).join('\n');
    expect(text).toMatch(/^netuid +3 +config\.yaml line 1$/m);
    expect(text).toMatch(/^log_level +debug +OSTINATO_LOG_LEVEL in \.env$/m);
    expect(text).toMatch(/^auth_token +\(hidden\) +BZ_AUTH_TOKEN$/m);
    expect(text).toMatch(/^server_port +8080 +default$/m);
    expect(text).not.toContain('very-secret');
  });

  test('can leave the defaults out, and speak JSON', async () => {
    const [text] = await lines((write) => configShow({ ...request, changed: true, json: true }, write));
    const shown = JSON.parse(text ?? '') as { settings: readonly { key: string; value: unknown; source: string }[] };
    expect(shown.settings.map(({ key, value, source }) => [key, value, source])).toEqual([
      ['netuid', 3, 'file'],
      ['auth_token', '(hidden)', 'environment'],
      ['log_level', 'debug', 'dotenv'],
    ]);
  });
});
