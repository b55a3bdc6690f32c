import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { loadConfig } from '../../config/load.ts';
import { projectRoot } from '../../config/paths.ts';
import { errorOf, seedFile, workingDirectory } from './folder.ts';

const minimal = 'netuid: 1\n';

function load(
  files: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>> = {},
  flags: Readonly<Record<string, unknown>> = {},
) {
  const cwd = workingDirectory({ 'deployment/config.yaml': minimal, ...files });
  return { cwd, ...loadConfig({ role: 'validator', path: 'deployment', cwd, env, flags }) };
}

describe("seed 000's file", () => {
  const { cwd, config, folder, sources } = load({ 'deployment/config.yaml': seedFile }, { BZ_AUTH_TOKEN: 'token' });

  test('loads as it stands', () => {
    expect(config).toMatchObject({
      model_path: join(cwd, 'deployment/models/Qwen3-VL-30B-Instruct'),
      chain_endpoint: ['wss://entrypoint-finney.opentensor.ai:443'],
      netuid: 42,
      wallet: { name: 'my-wallet', hotkey: 'my-validator-hotkey' },
      checkpoint_cache_dir: join(cwd, 'deployment/validator-cache'),
      server_port: 8080,
      server_host: '0.0.0.0',
      auth_token: 'token',
      eval_dataset_path: '/data/validation/held-out.jsonl',
      eval_batch_size: 8,
      score_ema_alpha: 0.9,
      consensus_timeout: 60,
      max_checkpoints_cached: 50,
    });
    expect(folder).toBe(join(cwd, 'deployment'));
  });

  test('names the line that each value comes from', () => {
    const source = sources.find(({ field }) => field.key === 'wallet.hotkey')?.source;
    expect(source).toMatchObject({ kind: 'file', where: `${join(folder, 'config.yaml')} line 6` });
  });

  test("has the file's numbers as defaults", () => {
    const { config: defaults } = load({ 'deployment/config.yaml': '' });
    expect(defaults).toMatchObject({
      server_port: 8080,
      server_host: '0.0.0.0',
      auth_token: null,
      eval_batch_size: 8,
      score_ema_alpha: 0.9,
      consensus_timeout: 60,
      max_checkpoints_cached: 50,
      schedule: { name: 'connito-472' },
      max_submission_bytes: 8 * 1024 ** 3,
      outer: { learning_rate: 0.7, momentum: 0.9 },
      seed: { source: 'validator_commits' },
    });
  });
});

describe('precedence', () => {
  const layers = {
    file: { 'deployment/config.yaml': 'netuid: 1\n' },
    cwdDotenv: { '.env': 'OSTINATO_NETUID=2\n' },
    ownDotenv: { 'deployment/.env': 'OSTINATO_NETUID=3\n' },
  };
  test.each([
    ['the default where nothing is set', { 'deployment/config.yaml': '' }, {}, {}, 42, 'default'],
    ['the file over the default', layers.file, {}, {}, 1, 'file'],
    ['.env over the file', { ...layers.file, ...layers.cwdDotenv }, {}, {}, 2, 'dotenv'],
    ["the deployment's .env over the other", { ...layers.cwdDotenv, ...layers.ownDotenv }, {}, {}, 3, 'dotenv'],
    [
      'the environment over .env',
      { ...layers.file, ...layers.ownDotenv },
      { OSTINATO_NETUID: '4' },
      {},
      4,
      'environment',
    ],
    ['a flag over all', { ...layers.file, ...layers.ownDotenv }, { OSTINATO_NETUID: '4' }, { netuid: '5' }, 5, 'flag'],
  ] as const)('takes %s', (_, files, env, flags, netuid, kind) => {
    const { config, sources } = load(files, env, flags);
    expect(config.netuid).toBe(netuid);
    expect(sources.find(({ field }) => field.key === 'netuid')?.source.kind).toBe(kind);
  });

  test('holds for each field alone', () => {
    const { config } = load(
      {
        'deployment/config.yaml': 'wallet: { name: from-file, hotkey: from-file }\n',
        '.env': 'OSTINATO_WALLET_HOTKEY=b',
      },
      { OSTINATO_WALLET_URI: '//Alice' },
    );
    expect(config.wallet).toMatchObject({ name: 'from-file', hotkey: 'b', uri: '//Alice' });
  });
});

describe('relative paths', () => {
  test('start from where they are written', () => {
    const { cwd, config } = load(
      { 'deployment/config.yaml': 'model_path: models/a\n', '.env': 'OSTINATO_EVAL_DATASET_PATH=held-out' },
      { OSTINATO_CHECKPOINT_CACHE_DIR: 'cache' },
      { state_dir: 'state' },
    );
    expect(config.model_path).toBe(join(cwd, 'deployment/models/a'));
    expect(config.eval_dataset_path).toBe(join(cwd, 'held-out'));
    expect(config.checkpoint_cache_dir).toBe(join(cwd, 'cache'));
    expect(config.state_dir).toBe(join(cwd, 'state'));
  });

  test('of defaults lie in the deployment, but the shared state in the working directory', () => {
    const { cwd, config } = load({});
    expect(config.checkpoint_cache_dir).toBe(join(cwd, 'deployment/artifacts'));
    expect(config.state_dir).toBe(join(cwd, '.ostinato'));
    expect(config.model_path).toBe(join(projectRoot, 'models/reference'));
    expect(config.wallet.path).toBe(join(homedir(), '.bittensor/wallets'));
  });
});

describe('values', () => {
  test('a chain endpoint may be one or several', () => {
    const several = ['ws://127.0.0.1:9944', 'wss://archive.example:443'] as const;
    const { config } = load({ 'deployment/config.yaml': `chain_endpoint: [${several.join(', ')}]\n` });
    expect(config.chain_endpoint).toEqual(several);
    const fromText = load({}, { OSTINATO_CHAIN_ENDPOINT: several.join(', ') });
    expect(fromText.config.chain_endpoint).toEqual(several);
  });

  test('a schedule may be a name or nine lengths', () => {
    const { config } = load({ 'deployment/config.yaml': 'schedule: mycelia-45\n' });
    expect(config.schedule).toEqual({ name: 'mycelia-45', lengths: [5, 30, 2, 3, 1, 1, 1, 1, 1] });
    const own = load({}, { OSTINATO_SCHEDULE: '1,2,3,4,5,6,7,8,9' });
    expect(own.config.schedule).toEqual({ name: '1-2-3-4-5-6-7-8-9', lengths: [1, 2, 3, 4, 5, 6, 7, 8, 9] });
  });

  test('a mode that does not exist is refused, wherever it comes from', () => {
    const file = { 'deployment/config.yaml': 'weights: { mode: shadow }\n' };
    for (const attempt of [() => load(file), () => load({}, { OSTINATO_WEIGHTS_MODE: 'shadow' })]) {
      expect(errorOf(attempt)).toMatchObject({ message: expect.stringMatching(/watch, dry-run, vote, full/) });
    }
  });

  test('an empty optional field overrides a weaker layer from a flag', () => {
    const { config } = load(
      { 'deployment/config.yaml': 'eval_dataset_path: /data\n' },
      {},
      { eval_dataset_path: null },
    );
    expect(config.eval_dataset_path).toBeNull();
  });

  test("a miner has its own fields and none of a validator's", () => {
    const cwd = workingDirectory({ 'm/config.yaml': 'expert_group: 2\ntraining:\n  steps: 40\n' });
    const { config } = loadConfig({ role: 'miner', path: 'm', cwd, env: {} });
    expect(config).toMatchObject({ expert_group: 2, training: { steps: 40, batch_size: 8 } });
    expect(config).not.toHaveProperty('score_ema_alpha');
  });
});

describe('several wrong settings', () => {
  test('are told at once, each with its place, expectation and advice', () => {
    const error = errorOf(() =>
      load(
        { 'deployment/config.yaml': 'netuid: high\nserver_prot: 1\n' },
        { OSTINATO_SCHEDUL: 'demo' },
        { eval_batch_size: '0' },
      ),
    );
    expect(error.code).toBe('OST_CONFIG_PROBLEMS');
    expect(error.message).toContain('4 settings are wrong');
    expect(error.message).toMatch(/config\.yaml line 1: netuid is "high", but must be a whole number from 0 to 65535/);
    expect(error.message).toMatch(/config\.yaml line 2 has the unknown field "server_prot".*"server_port"/);
    expect(error.message).toMatch(/OSTINATO_SCHEDUL, .*Did you mean OSTINATO_SCHEDULE\?/);
    expect(error.message).toMatch(/--eval-batch-size: eval_batch_size is 0, but must be/);
  });

  test('never show a secret', () => {
    const error = errorOf(() => load({}, { BZ_AUTH_TOKEN: 'my secret token' }));
    expect(error.code).toBe('OST_CONFIG_VALUE');
    expect(error.explain()).not.toContain('secret');
  });
});

test('what .env holds for libraries is handed on, under the environment', () => {
  const { environment } = load({ '.env': 'TEMPORAL_ADDRESS=a:1\nHF_TOKEN=t\n' }, { TEMPORAL_ADDRESS: 'b:2' });
  expect(environment).toMatchObject({ TEMPORAL_ADDRESS: 'b:2', HF_TOKEN: 't' });
});
