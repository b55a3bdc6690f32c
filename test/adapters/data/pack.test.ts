import { mkdir, mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import pino from 'pino';
import { openPacked } from '../../../adapters/data/packed.ts';
import { prepareDataset } from '../../../adapters/data/prepare.ts';
import { openTokenizer } from '../../../adapters/data/tokenizer.ts';
import { openCorpus } from '../../../adapters/model/corpus.ts';
import { expected, fixtures } from './fixtures.ts';
import { modelFolderIn } from './model-folder.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ostinato-pack-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const log = pino({ level: 'silent' });
const hub = () => ({ endpoint: 'http://127.0.0.1:9', token: null, home: join(folder, 'home'), log });
const prepare = (modelFolder: string, setting: string, textColumn = 'content') =>
  prepareDataset({ setting, textColumn, modelFolder, folder: join(folder, 'data'), prune: true, hub: hub() });

describe('a tokenizer.json', () => {
  test("makes the tokens that Hugging Face's own library makes", async () => {
    const tokenizer = await openTokenizer(join(fixtures, 'tokenizer'));
    expect(tokenizer.separator).toEqual([expected.end]);
    for (const [row, ids] of expected.ids.entries()) expect(tokenizer.encode(expected.rows[row] ?? '')).toEqual(ids);
  });

  test('that is malformed is refused', async () => {
    for (const text of ['{', '[]', '{}', '{"model":{"type":"nothing"}}']) {
      await writeFile(join(folder, 'tokenizer.json'), text);
      await expect(openTokenizer(folder)).rejects.toMatchObject({ code: 'OST_DATASET_TOKENIZER' });
    }
  });
});

describe('a prepared data set', () => {
  test('has the texts of each group one after another as bytes, where a model knows bytes', async () => {
    const model = await modelFolderIn(folder, { tokenizer: false, vocabulary: 256 });
    const path = await prepare(model, join(fixtures, 'snappy.parquet'));
    const groups = (await openPacked(path)) ?? [];
    expect(groups).toHaveLength(4);
    for (const [group, tokens] of groups.entries()) {
      const texts = expected.rows.filter((_, row) => row % 3 !== 0 || row % 4 === group);
      expect(Buffer.from(tokens.slice(0, tokens.length)).toString()).toBe(texts.join('\n'));
    }
  });

  test('has tokens with the end of text between them, where a model has a tokenizer', async () => {
    const model = await modelFolderIn(folder, { tokenizer: true });
    const lines = expected.rows.slice(0, 40).map((content) => JSON.stringify({ content }));
    await writeFile(join(folder, 'held-out.jsonl'), lines.join('\n'));
    const path = await prepare(model, join(folder, 'held-out.jsonl'));
    const all = expected.ids.flatMap((ids, row) => (row === 0 ? ids : [expected.end, ...ids]));
    const corpus = await openCorpus(model, path);
    expect(corpus.heldOutRows(0)).toBe(Math.floor(all.length / 32));
    for (let row = 0; row < corpus.heldOutRows(3); row += 1) {
      expect([...corpus.heldOutRow(3, row)]).toEqual(all.slice(row * 32, row * 32 + 32));
    }
    // One file serves all groups where no text is for one alone.
    expect((await readdir(path)).toSorted()).toEqual(['all.tokens', 'packed.json']);
  });

  test('is what reading the file itself gives', async () => {
    const model = await modelFolderIn(folder, { tokenizer: true });
    const file = join(folder, 'texts.jsonl');
    await writeFile(file, expected.rows.map((text, row) => JSON.stringify({ text, group: row % 4 })).join('\n'));
    const [packed, direct] = [
      await openCorpus(model, await prepare(model, file, 'text')),
      await openCorpus(model, file),
    ];
    for (const group of [0, 1, 2, 3]) {
      expect(packed.heldOutRows(group)).toBe(direct.heldOutRows(group));
      expect(packed.heldOutRow(group, 2)).toEqual(direct.heldOutRow(group, 2));
    }
  });

  test('is found again, and made anew and alone when its file changes', async () => {
    const model = await modelFolderIn(folder, { tokenizer: false });
    const file = join(folder, 'held-out.jsonl');
    await writeFile(file, '{"content":"abc"}');
    const first = await prepare(model, file);
    expect(await prepare(model, file)).toBe(first);
    await writeFile(file, '{"content":"abcdef"}');
    const second = await prepare(model, file);
    expect(second).not.toBe(first);
    expect((await readdir(join(folder, 'data'))).filter((name) => name.length === 32)).toHaveLength(1);
    expect((await openPacked(second))?.[0]?.length).toBe(6);
  });

  test('is refused where the tokenizer is not the model’s, and nothing is left', async () => {
    const model = await modelFolderIn(folder, { tokenizer: true, vocabulary: 300 });
    const order = prepare(model, join(fixtures, 'none.parquet'));
    await expect(order).rejects.toMatchObject({ code: 'OST_DATASET_TOKENIZER' });
    expect((await readdir(join(folder, 'data'))).filter((name) => /^[0-9a-f]{32}/.test(name))).toEqual([]);
  });

  test('is refused where a file of it was cut, and where a folder holds nothing to read', async () => {
    const model = await modelFolderIn(folder, { tokenizer: false });
    const path = await prepare(model, join(fixtures, 'none.parquet'));
    await truncate(join(path, 'group_2.tokens'), 100);
    await expect(openPacked(path)).rejects.toMatchObject({ code: 'OST_DATASET_FILE' });
    await mkdir(join(folder, 'empty'));
    await expect(prepare(model, join(folder, 'empty'))).rejects.toMatchObject({ code: 'OST_DATASET_NO_FILES' });
  });
});
