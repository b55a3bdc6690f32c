import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { openStore } from '../../../adapters/artifacts/store.ts';
import { tokenFeeds } from '../../../adapters/model/batch.ts';
import { openCorpus } from '../../../adapters/model/corpus.ts';
import { readModelDescription } from '../../../adapters/model/description.ts';
import { checkExpertGroups, readExpertGroups } from '../../../adapters/model/expert-groups.ts';
import { childMemoryLimit } from '../../../adapters/model/memory-limit.ts';
import { openPublishedModels } from '../../../adapters/published-model/open.ts';
import { temporaryFolder } from '../model/reference.ts';
import { bundleNames, bundlesFolder, readBundle } from './bundles.ts';

describe.each(bundleNames)('the bundle %s', (name) => {
  const modelFolder = join(bundlesFolder, name);

  test('is published as a deployment’s base, one part for each group', async () => {
    await using folder = await temporaryFolder();
    const store = await openStore(join(folder.path, 'store'));
    const models = await openPublishedModels(join(folder.path, 'model'), store);
    const { manifest } = await models.ensureBase(modelFolder);
    expect(manifest.parts.map(({ part }) => part)).toEqual(['shared', 0, 1]);
  });

  test('says which experts each group has, and its parts hold exactly those', async () => {
    const groups = await readExpertGroups(modelFolder);
    expect(groups?.map(({ id }) => id)).toEqual([0, 1]);
    await checkExpertGroups(modelFolder, groups ?? []);
    const [first, second] = groups ?? [];
    const swapped = [
      { ...first, id: 1 },
      { ...second, id: 0 },
    ].map(({ id, name: called = '', experts = new Map() }) => ({ id, name: called, experts }));
    await expect(checkExpertGroups(modelFolder, swapped)).rejects.toMatchObject({ code: 'OST_MODEL_GROUPS_MALFORMED' });
  });

  test('reads text by its own tokenizer, in rows that begin with the model’s own first token', async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'text.jsonl');
    await writeFile(
      file,
      `${JSON.stringify({ text: 'Tom appeared on the sidewalk with a bucket of whitewash. '.repeat(9) })}\n`,
    );
    const corpus = await openCorpus(modelFolder, file);
    const { description } = corpus;
    expect(corpus.heldOutRows(1)).toBeGreaterThan(1);
    const text = corpus.heldOutRow(1, 0);
    expect(Math.max(...Array.from(text))).toBeGreaterThan(255);
    const { tokens, targets } = tokenFeeds([{ group: 1, text }], description);
    expect(Array.from(tokens.data, Number)).toEqual([description.firstToken, ...Array.from(text.subarray(0, -1))]);
    expect(Array.from(targets.data, Number)).toEqual(Array.from(text));
  });
});

test('groups keep the names that they were given; experts of none stay in the shared part', async () => {
  const groups = await readExpertGroups((await readBundle('deepseek_v2')).modelFolder);
  expect(groups?.map(({ name, experts }) => [name, Object.fromEntries(experts)])).toEqual([
    ['exp_math', { 1: [0, 3], 2: [1, 2, 5] }],
    ['exp_code', { 1: [1, 6], 2: [4, 7] }],
  ]);
});

test('groups that share an expert, or leave out a number, are refused', async () => {
  await using folder = await temporaryFolder();
  const write = async (name: string, id: number, experts: object) => {
    const at = join(folder.path, 'expert_groups', name);
    await mkdir(at, { recursive: true });
    await writeFile(join(at, 'config.yaml'), `group_id: ${id}\n`);
    await writeFile(join(at, 'expert_assignment.json'), JSON.stringify(experts));
  };
  const refused = (problem: RegExp) =>
    expect(readExpertGroups(folder.path)).rejects.toMatchObject({
      code: 'OST_MODEL_GROUPS_MALFORMED',
      params: { problem: expect.stringMatching(problem) },
    });
  expect(await readExpertGroups(folder.path)).toBeNull();
  await write('a', 0, { 1: [0, 1] });
  await write('b', 2, { 1: [2] });
  await refused(/no group 1/);
  await write('b', 1, { 1: [1] });
  await refused(/a and b both have expert 1 of layer 1/);
  await write('b', 1, { one: [2] });
  await refused(/^b: /);
});

test('a description without tags must name the token that rows begin with', async () => {
  await using folder = await temporaryFolder();
  const { modelFolder } = await readBundle('qwen3_moe');
  const file = join(folder.path, 'model.json');
  await cp(join(modelFolder, 'model.json'), file);
  const described = JSON.parse(await readFile(file, 'utf8'));
  for (const firstToken of [null, described.vocabulary, -1]) {
    await writeFile(file, JSON.stringify({ ...described, firstToken }));
    await expect(readModelDescription(folder.path)).rejects.toMatchObject({ code: 'OST_MODEL_GRAPH_MALFORMED' });
  }
});

test('a child process may take memory by the size of its model', async () => {
  await using folder = await temporaryFolder();
  const { modelFolder } = await readBundle('qwen3_moe');
  const described = JSON.parse(await readFile(join(modelFolder, 'model.json'), 'utf8'));
  await writeFile(join(folder.path, 'model.json'), JSON.stringify({ ...described, parameters: 16e9 }));
  expect(await childMemoryLimit(folder.path)).toBeGreaterThan(16e9 * 4 * 2);
  expect(await childMemoryLimit(modelFolder)).toBeLessThan(5 * 2 ** 30);
});
