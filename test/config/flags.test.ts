import { describe, expect, test } from '@jest/globals';
import { Command } from 'commander';
import { fieldsOf } from '../../config/fields.ts';
import { flagsFor, flagValues } from '../../config/flags.ts';
import { loadConfig } from '../../config/load.ts';
import { roles } from '../../config/roles.ts';
import { workingDirectory } from './folder.ts';

function parse(role: (typeof roles)[number], args: readonly string[]) {
  const command = new Command().option('--path <dir>').exitOverride();
  for (const { flags, description } of flagsFor(role)) command.option(flags, description);
  return command.parse(args, { from: 'user' }).opts();
}

describe('flags', () => {
  test('go through commander into the configuration', () => {
    const cwd = workingDirectory({ 'd/config.yaml': 'netuid: 1\n' });
    const options = parse('validator', [
      '--path',
      'd',
      '--netuid',
      '9',
      '--wallet-uri',
      '//Alice',
      '--outer-learning-rate=0.5',
    ]);
    const flags = flagValues('validator', options);
    expect(flags).toEqual({ netuid: '9', 'wallet.uri': '//Alice', 'outer.learning_rate': '0.5' });
    const { config } = loadConfig({ role: 'validator', path: 'd', cwd, env: {}, flags });
    expect(config).toMatchObject({ netuid: 9, wallet: { uri: '//Alice' }, outer: { learning_rate: 0.5 } });
  });

  test('exist for every field that the process reads, but for no secret', () => {
    for (const role of roles) {
      const fields = fieldsOf(role === 'miner' ? 'miner' : 'validator').filter(({ meta }) => meta.roles.includes(role));
      const expected = fields.filter(({ meta }) => meta.secret !== true).map(({ key }) => key);
      expect(flagsFor(role).map(({ key }) => key)).toEqual(expected);
      expect(expected).not.toContain('auth_token');
    }
  });
});
