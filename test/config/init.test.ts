import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parse } from 'yaml';
import { fieldsOf } from '../../config/fields.ts';
import { initConfig } from '../../config/init.ts';
import { loadConfig } from '../../config/load.ts';
import { deploymentRoles } from '../../config/roles.ts';
import { errorOf, workingDirectory } from './folder.ts';

const named = { hotkey: 'my-hotkey', run: 'foundation' } as const;

describe.each(deploymentRoles)('a new %s', (role) => {
  test('has the defaults of every field', () => {
    const cwd = workingDirectory();
    const { folder, written } = initConfig({ role, ...named, cwd });
    expect({ folder, written }).toEqual({
      folder: join(cwd, 'checkpoints', role, 'my-hotkey/foundation'),
      written: true,
    });
    const { sources } = loadConfig({ role, cwd, env: {} });
    const bare = loadConfig({ role, path: 'd', cwd: workingDirectory({ 'd/config.yaml': '' }), env: {} });
    const relative = (at: string, value: unknown) => (typeof value === 'string' ? value.replace(at, '') : value);
    for (const [index, { field, value, source }] of sources.entries()) {
      if (field.key === 'wallet.hotkey') expect(value).toBe('my-hotkey');
      else if (source.kind === 'default' && field.meta.base === 'cwd') expect(value).toBe(join(cwd, '.ostinato'));
      else expect(relative(folder, value)).toEqual(relative(bare.folder, bare.sources[index]?.value));
    }
  });

  test('describes every field in its file, with its variable', () => {
    const { file } = initConfig({ role, ...named, cwd: workingDirectory() });
    const words = readFileSync(file, 'utf8').replace(/\n\s*# /g, ' ');
    for (const { meta, variable } of fieldsOf(role)) {
      expect(words).toContain(meta.about);
      expect(words).toContain(variable);
    }
  });

  test('is read by its owner alone', () => {
    const { file } = initConfig({ role, ...named, cwd: workingDirectory() });
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test('gives back every example that it was given', () => {
    const cwd = workingDirectory();
    const values = Object.fromEntries(fieldsOf(role).map(({ key, meta }) => [key, meta.example]));
    const { file } = initConfig({ role, ...named, cwd, values });
    const tree: unknown = parse(readFileSync(file, 'utf8'));
    for (const { path, meta } of fieldsOf(role)) expect(tree).toHaveProperty([...path], meta.example);
    expect(() => loadConfig({ role, cwd, env: {} })).not.toThrow();
  });
});

const fileName = /^(?!\.{1,2}$)[^\s/\\](?:[^/\\]*[^\s/\\])?$/;

test('any wallet name and number survive the way through the file', () => {
  const cwd = workingDirectory();
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).filter((name) => fileName.test(name)),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (name, alpha) => {
        const values = { 'wallet.name': name, score_ema_alpha: alpha };
        initConfig({ role: 'validator', ...named, cwd, values, ifExists: 'overwrite' });
        const { config } = loadConfig({ role: 'validator', cwd, env: {} });
        expect(config.wallet.name).toBe(name);
        // YAML has no negative zero worth keeping.
        expect(config.score_ema_alpha).toBe(alpha + 0);
      },
    ),
  );
});

describe('a file that is there', () => {
  const cwd = workingDirectory({ 'checkpoints/miner/hk/r/config.yaml': 'netuid: 7\n' });
  const request = { role: 'miner', hotkey: 'hk', run: 'r', cwd } as const;
  const text = () => readFileSync(join(cwd, 'checkpoints/miner/hk/r/config.yaml'), 'utf8');

  test('is an error and stays', () => {
    expect(errorOf(() => initConfig(request)).code).toBe('OST_CONFIG_EXISTS');
    expect(initConfig({ ...request, ifExists: 'keep' }).written).toBe(false);
    expect(text()).toBe('netuid: 7\n');
  });

  test('is overwritten on demand', () => {
    const other = workingDirectory({ 'd/config.yaml': 'netuid: 7\n' });
    initConfig({ ...request, cwd: other, folder: 'd', ifExists: 'overwrite', values: { netuid: 8 } });
    expect(loadConfig({ role: 'miner', path: 'd', cwd: other, env: {} }).config.netuid).toBe(8);
  });
});

describe('refused before anything is written:', () => {
  test.each([
    ['a hotkey that leaves the folder', { hotkey: '..', run: 'r' }, 'OST_CONFIG_NAME'],
    ['a run with a slash', { hotkey: 'h', run: 'a/b' }, 'OST_CONFIG_NAME'],
    ['a wrong value', { ...named, values: { netuid: -1 } }, 'OST_CONFIG_VALUE'],
    ['an unknown field', { ...named, values: { netuit: 1 } }, 'OST_CONFIG_UNKNOWN_KEY'],
  ])('%s', (_, request, code) => {
    const cwd = workingDirectory();
    expect(errorOf(() => initConfig({ role: 'validator', cwd, ...request })).code).toBe(code);
    expect(errorOf(() => loadConfig({ role: 'validator', cwd, env: {} })).code).toBe('OST_CONFIG_NO_DEPLOYMENT');
  });
});
