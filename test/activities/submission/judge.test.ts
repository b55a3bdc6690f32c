import { appendFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { modelRecord } from '../../../activities/cycle/model-record.ts';
import type { Losses } from '../../../activities/submission/activities.ts';
import { evaluateSubmission } from '../../../activities/submission/evaluate.ts';
import { verifySubmission } from '../../../activities/submission/verify.ts';
import { readSafetensorsHeader } from '../../../adapters/artifacts/safetensors-header.ts';
import { writeSafetensors } from '../../../adapters/artifacts/safetensors-writer.ts';
import { hashTensors } from '../../../adapters/artifacts/tensor-hash.ts';
import type { ModelRecord } from '../../../domain/cycle-record.ts';
import type { Outcome } from '../../../domain/outcome.ts';
import { relativeDrop } from '../../../domain/proof-of-loss.ts';
import { hotkey } from '../../../domain/units.ts';
import { base, modelFolder, rewriteGroup } from '../../adapters/model/reference.ts';
import { asActivity } from '../as-activity.ts';
import { validatorDeps } from '../validator-deps.ts';

const group = 2;
const batch = { group, rows: [0, 5, 10, 15], batchSize: 4 };
const groupFile = base.groups[group] ?? '';

let validator: Awaited<ReturnType<typeof validatorDeps>>;
let model: ModelRecord;
beforeAll(async () => {
  validator = await validatorDeps({ evaluator: true });
  model = modelRecord(await validator.deps.models.ensureBase(modelFolder));
});
afterAll(() => validator[Symbol.asyncDispose]());

const pathOf = (name: string) => join(validator.folder, name);

/** Takes a file in as the model server would, and says what its miner would commit. */
async function take(file: string) {
  const { digest } = await validator.deps.store.put({ file }, 'application/vnd.safetensors');
  return { digest, modelHash: (await hashTensors(file)).hash };
}

const verify = (digest: string, modelHash: string, of = group) => {
  const input = { digest, modelHash, group: of, model, seed: 'ab'.repeat(32) };
  return asActivity(() => verifySubmission(validator.deps)(input));
};
const evaluate = (digest: string, of = model) => {
  const input = { hotkey: hotkey('5Miner'), digest, group, model: of, batch };
  return asActivity(() => evaluateSubmission(validator.deps)(input));
};

/** Writes the group's file anew with its first tensor left out. */
async function withoutFirstTensor(): Promise<string> {
  const { tensors } = await readSafetensorsHeader(groupFile);
  const file = pathOf('fewer.safetensors');
  const rest = [...tensors].slice(1).map(([name, { dtype, shape, begin, end }]) => {
    return { name, dtype, shape, data: new Uint8Array(end - begin) };
  });
  await writeSafetensors(file, rest);
  return file;
}

/** The group's tensors under their names, each with one row less. */
async function withOtherShapes(): Promise<string> {
  const { tensors } = await readSafetensorsHeader(groupFile);
  const file = pathOf('shapes.safetensors');
  await writeSafetensors(
    file,
    Array.from(
      tensors,
      ([
        name,
        {
          shape: [rows = 2, ...columns],
        },
      ]) => {
        const shape = [rows - 1, ...columns];
        return { name, dtype: 'F32' as const, shape, data: new Uint8Array(4 * shape.reduce((a, b) => a * b, 1)) };
      },
    ),
  );
  return file;
}

const changed = async (name: string, change: (value: number, index: number) => number): Promise<string> => {
  await rewriteGroup(groupFile, pathOf(name), change);
  return pathOf(name);
};

describe('a file that arrived', () => {
  test('is sound where its tensors are the group’s and hash to what the chain holds', async () => {
    const { digest, modelHash } = await take(groupFile);
    expect(await verify(digest, modelHash)).toEqual({ kind: 'ok', value: { sketch: null } });
  });

  test('that changed its group’s base has a sketch of how', async () => {
    const { digest, modelHash } = await take(await changed('other', (value, index) => value + Math.sin(index) / 10));
    const sketch = expect.stringMatching(/^[\w-]{171}$/);
    expect(await verify(digest, modelHash)).toEqual({ kind: 'ok', value: { sketch } });
  });

  test('with another hash than the chain’s is the miner’s fault', async () => {
    const { digest } = await take(groupFile);
    expect(await verify(digest, 'ab'.repeat(24))).toMatchObject({ kind: 'miner_fault', reason: 'hash' });
  });

  const faults: readonly (readonly [string, string, () => Promise<string>])[] = [
    ['of another group', 'expert_group_or_nan', async () => base.groups[0] ?? ''],
    ['with a tensor missing', 'expert_group_or_nan', withoutFirstTensor],
    [
      'with a number that is none',
      'expert_group_or_nan',
      () => changed('nan', (value, i) => (i === 3 ? Number.NaN : value)),
    ],
    [
      'that ends too early',
      'malformed_file',
      async () => {
        const file = await changed('short', (value) => value);
        await truncate(file, 2000);
        return file;
      },
    ],
    [
      'that is no safetensors file at all',
      'malformed_file',
      async () => {
        await writeFile(pathOf('text'), 'this is a pickle, honestly');
        return pathOf('text');
      },
    ],
  ];
  test.each(faults)('%s is the miner’s fault: %s', async (_name, reason, make) => {
    const file = await make();
    const { digest } = await validator.deps.store.put({ file }, 'application/octet-stream');
    const modelHash = await hashTensors(file).then(
      ({ hash }) => hash,
      () => 'ab'.repeat(24),
    );
    expect(await verify(digest, modelHash)).toMatchObject({ kind: 'miner_fault', reason });
  });

  test('for a group that the model has not is the miner’s fault', async () => {
    const { digest, modelHash } = await take(groupFile);
    expect(await verify(digest, modelHash, 9)).toMatchObject({ kind: 'miner_fault', reason: 'expert_group_or_nan' });
  });

  test('and is lost or damaged on our disk is our fault', async () => {
    const lost = await take(await changed('lost', (value) => value + 1));
    await rm(validator.deps.store.path(lost.digest));
    expect(await verify(lost.digest, lost.modelHash)).toMatchObject({ kind: 'our_fault', reason: 'artifact_missing' });
    const damaged = await take(await changed('damaged', (value) => value + 2));
    const path = validator.deps.store.path(damaged.digest);
    await rm(path);
    await appendFile(path, 'something else');
    expect(await verify(damaged.digest, damaged.modelHash)).toMatchObject({
      kind: 'our_fault',
      reason: 'artifact_missing',
    });
  });
});

describe('a file of our own that an operator removed', () => {
  const groupRef = async () => {
    const { parts } = await validator.deps.models.manifest(model.manifest);
    return validator.deps.store.path(parts.find(({ part }) => part === group)?.ref.digest ?? '');
  };
  const missing = { kind: 'our_fault', reason: 'artifact_missing' };

  test('between verification and evaluation is no miner’s fault', async () => {
    const { digest } = await take(await changed('removed', (value) => value + 3));
    await rm(validator.deps.store.path(digest));
    expect(await evaluate(digest)).toMatchObject(missing);
  });

  test('from under the base, or cut short, is no miner’s fault either', async () => {
    const { digest, modelHash } = await take(await changed('judged', (value) => value + 4));
    const path = await groupRef();
    await rm(path);
    expect(await verify(digest, modelHash)).toMatchObject(missing);
    expect(await evaluate(digest)).toMatchObject(missing);
    await writeFile(path, 'cut short');
    expect(await verify(digest, modelHash)).toMatchObject(missing);
    expect(await evaluate(digest)).toMatchObject(missing);
    await validator.deps.store.put({ file: groupFile }, 'application/vnd.safetensors');
    expect(await verify(digest, modelHash)).toMatchObject({ kind: 'ok' });
  });
});

describe('the evaluation of a file', () => {
  const lossesOf = (outcome: Outcome<Losses>): Losses => {
    if (outcome.kind !== 'ok') throw new Error(`${outcome.kind}: ${outcome.reason}`);
    return outcome.value;
  };

  test('gives the unchanged base the base’s loss to the last bit, and so no score', async () => {
    const { before, after } = lossesOf(await evaluate((await take(groupFile)).digest));
    expect(after).toBe(before);
    expect(relativeDrop(before, after)).toBe(0);
  });

  test('gives noise no score', async () => {
    const noise = await changed('noise', (value, index) => value + Math.sin(index * 7.7) * 0.3);
    const { before, after } = lossesOf(await evaluate((await take(noise)).digest));
    expect(after).toBeGreaterThan(before);
    expect(relativeDrop(before, after)).toBe(0);
  });

  test('of numbers so large that no loss is finite is the miner’s fault', async () => {
    const { digest } = await take(await changed('large', () => 1e38));
    expect(await evaluate(digest)).toMatchObject({ kind: 'miner_fault', reason: 'non_finite_loss' });
  });

  test('of tensors of another shape is the miner’s fault', async () => {
    const { digest } = await take(await withOtherShapes());
    expect(await evaluate(digest)).toMatchObject({ kind: 'miner_fault', reason: 'shape' });
  });

  test('against a model that is not there is our fault', async () => {
    const { digest } = await take(groupFile);
    const missing = { kind: 'our_fault', reason: 'artifact_missing' };
    expect(await evaluate(digest, { ...model, manifest: 'ef'.repeat(32) })).toMatchObject(missing);
  });
});
