import { parseEnv } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { environmentLayer } from '../../config/environment.ts';
import { fieldsOf } from '../../config/fields.ts';

const from = { kind: 'environment', where: 'The environment', base: '/' } as const;
const read = (env: Readonly<Record<string, string | undefined>>) => {
  const { layer, problems } = environmentLayer(fieldsOf('validator'), env, from);
  return { values: Object.fromEntries([...layer].map(([key, { value }]) => [key, value])), problems };
};

describe('variables', () => {
  test('of every field are unique, so that none sets two', () => {
    for (const role of ['validator', 'miner'] as const) {
      const names = fieldsOf(role).flatMap((field) => [field.variable, ...field.aliases]);
      expect(new Set(names).size).toBe(names.length);
      const flags = fieldsOf(role).flatMap((field) => field.flag ?? []);
      expect(new Set(flags).size).toBe(flags.length);
    }
  });

  test('name groups with one underscore or two', () => {
    expect(read({ OSTINATO_WALLET_NAME: 'a' }).values).toEqual({ 'wallet.name': 'a' });
    expect(read({ OSTINATO_WALLET__NAME: 'a' }).values).toEqual({ 'wallet.name': 'a' });
  });

  test('keep texts as texts and read numbers where the field is one', () => {
    const { values } = read({ OSTINATO_WALLET_NAME: '123', OSTINATO_NETUID: '123', OSTINATO_SCORE_EMA_ALPHA: '.5' });
    expect(values).toEqual({ 'wallet.name': '123', netuid: 123, score_ema_alpha: 0.5 });
  });

  test('that are empty count as unset', () => {
    expect(read({ OSTINATO_NETUID: '', BZ_AUTH_TOKEN: '', OSTINATO_MODEL_PATH: undefined }).values).toEqual({});
  });

  test('of seed 001 and of Rust programs are understood, and lose against our own', () => {
    const seed = parseEnv(
      'WALLET_NAME=w\nHOTKEY_NAME="h" # the hotkey\nexport BITTENSOR_WALLET_PATH=/wallets\nHF_TOKEN=t\nWATCHTOWER_POLL_INTERVAL=300\n',
    );
    expect(read(seed)).toEqual({
      values: { 'wallet.name': 'w', 'wallet.hotkey': 'h', 'wallet.path': '/wallets', 'hf.token': 't' },
      problems: [],
    });
    expect(read({ WALLET_NAME: 'w', OSTINATO_WALLET_NAME: 'own' }).values).toEqual({ 'wallet.name': 'own' });
  });

  test.each([
    ['info', 'info'],
    ['debug', 'debug'],
    ['platform_validator=debug,api_client=info', 'debug'],
    ['api_client=debug,WARN', 'warn'],
  ])('RUST_LOG=%s sets the level %s', (text, level) => {
    expect(read({ RUST_LOG: text }).values).toEqual({ log_level: level });
  });

  test('of seed 003 that belong to jobs disturb nobody', () => {
    const seed = { VALIDATOR_HOTKEY: '5DD', PLATFORM_BASE_API: 'http://api:8080', DSTACK_VMM_URL: 'http://vmm:11530' };
    expect(read(seed)).toEqual({ values: {}, problems: [] });
  });

  test.each([
    ['OSTINATO_SERVER_PROT', 'OSTINATO_SERVER_PORT'],
    ['OSTINATO_AUTH_TOKEN', 'BZ_AUTH_TOKEN'],
    ['OSTINATO_NET_UID', 'OSTINATO_NETUID'],
  ])('that are unknown, as %s, are errors that name the nearest', (variable, nearest) => {
    const { problems } = read({ [variable]: '1' });
    expect(problems.map(({ code, params }) => [code, params['nearest']])).toEqual([
      ['OST_CONFIG_UNKNOWN_VARIABLE', nearest],
    ]);
  });

  test('of the other role are known, since one .env may serve both', () => {
    expect(read({ OSTINATO_TRAINING_STEPS: '5' })).toEqual({ values: {}, problems: [] });
  });
});
