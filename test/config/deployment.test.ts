import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { findDeployment } from '../../config/deployment.ts';
import { errorOf, workingDirectory } from './folder.ts';

describe('without --path', () => {
  test('the only deployment of the role is taken, by both processes of it', () => {
    const cwd = workingDirectory({
      'checkpoints/validator/hk/run/config.yaml': '',
      'checkpoints/miner/hk/run/config.yaml': '',
      'checkpoints/validator/hk/not-one/ledger.sqlite': '',
      'checkpoints/validator/a-file': '',
    });
    expect(findDeployment('validator', { cwd })).toBe(join(cwd, 'checkpoints/validator/hk/run'));
    expect(findDeployment('server', { cwd })).toBe(join(cwd, 'checkpoints/validator/hk/run'));
    expect(findDeployment('miner', { cwd })).toBe(join(cwd, 'checkpoints/miner/hk/run'));
  });

  test('several are listed', () => {
    const cwd = workingDirectory({
      'checkpoints/miner/b/run/config.yaml': '',
      'checkpoints/miner/a/run-2/config.yaml': '',
      'checkpoints/miner/a/run-1/config.yaml': '',
    });
    const error = errorOf(() => findDeployment('miner', { cwd }));
    expect(error.code).toBe('OST_CONFIG_SEVERAL_DEPLOYMENTS');
    const found = ['a/run-1', 'a/run-2', 'b/run'].map((name) => `\n  ${join(cwd, 'checkpoints/miner', name)}`);
    expect(error.message).toContain(found.join(''));
  });

  test('none is told with the way to make one', () => {
    const error = errorOf(() => findDeployment('server', { cwd: workingDirectory() }));
    expect(error.code).toBe('OST_CONFIG_NO_DEPLOYMENT');
    expect(error.todo).toContain('ostinato config init --role validator');
  });
});

describe('with --path', () => {
  const cwd = workingDirectory({ 'anywhere/config.yaml': '', 'checkpoints/miner/a/b/config.yaml': '' });

  test.each(['anywhere', 'anywhere/', './anywhere/config.yaml', join(cwd, 'anywhere')])('%s is that one', (path) => {
    expect(findDeployment('miner', { path, cwd })).toBe(join(cwd, 'anywhere'));
  });

  test('a folder without config.yaml is no deployment', () => {
    const error = errorOf(() => findDeployment('miner', { path: 'elsewhere', cwd }));
    expect(error).toMatchObject({ code: 'OST_CONFIG_NO_FILE', params: { folder: join(cwd, 'elsewhere') } });
  });
});
