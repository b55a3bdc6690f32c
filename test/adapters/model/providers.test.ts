import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { startEvaluator } from '../../../adapters/model/evaluator.ts';
import { chooseProvider, findCapabilities } from '../../../adapters/model/providers.ts';
import { lacks } from '../../../domain/execution-provider.ts';
import { testIf } from '../../setup/test-if.ts';
import { modelFolder } from './reference.ts';

const module = join(import.meta.dirname, '../../../adapters/model/providers.ts');

/** Asks in a process of its own, as evaluators and trainers are: a device's library may take its process with it. */
async function tried(provider: string): Promise<unknown> {
  const script = `
    import { tryProvider } from ${JSON.stringify(module)};
    process.stdout.write(JSON.stringify(await tryProvider(${JSON.stringify(provider)}, 0)));`;
  const env = { ...process.env, NODE_OPTIONS: '' };
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], { env });
  return JSON.parse(stdout);
}

const found = findCapabilities();
const hasCuda = lacks('cuda', found) === null;

describe('a provider', () => {
  test('is tried by a product of matrices, which the processor gets right', async () => {
    expect(await tried('cpu')).toBeNull();
  });

  testIf(!hasCuda, 'needs a machine without CUDA')('that cannot be loaded says why', async () => {
    expect(await tried('cuda')).toEqual(expect.any(String));
  });

  test('is chosen by itself: there is always one', async () => {
    const script = `
      import { chooseProvider } from ${JSON.stringify(module)};
      process.stdout.write(JSON.stringify(await chooseProvider('auto', 0)));`;
    const env = { ...process.env, NODE_OPTIONS: '' };
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], { env });
    expect(JSON.parse(stdout)).toMatchObject({ provider: expect.stringMatching(/^(cuda|webgpu|cpu)$/) });
  });

  testIf(!hasCuda, 'needs a machine without CUDA')('that is asked for by name is not replaced by another', async () => {
    await expect(chooseProvider('cuda', 0)).rejects.toMatchObject({ code: 'OST_MODEL_PROVIDER', fault: 'config' });
    await expect(startEvaluator({ modelFolder, threads: 1, provider: 'cuda' })).rejects.toMatchObject({
      code: 'OST_MODEL_PROVIDER',
      params: { provider: 'cuda', detail: expect.stringContaining('cuda: ') },
    });
  });

  test('of the evaluator is known to whoever started it', async () => {
    const evaluator = await startEvaluator({ modelFolder, threads: 1, provider: 'cpu' });
    try {
      expect(evaluator.chosen).toEqual({ provider: 'cpu', passedOver: [] });
    } finally {
      await evaluator.close();
    }
  });
});
