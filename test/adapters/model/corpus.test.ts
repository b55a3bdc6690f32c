import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { openCorpus, readTrainingText, requireHeldOut } from '../../../adapters/model/corpus.ts';
import { trainingData } from '../../../adapters/model/training-data.ts';
import { modelFolder, temporaryFolder } from './reference.ts';

describe('the corpus that ships', () => {
  test('has a text to train on and a held-out slice for each group, in plain ASCII', async () => {
    const corpus = await openCorpus(modelFolder);
    expect(corpus.groups).toBe(4);
    for (let group = 0; group < corpus.groups; group++) {
      const text = await readTrainingText(modelFolder, group);
      expect(text.length).toBeGreaterThan(400_000);
      expect(text.every((byte) => byte === 10 || (byte >= 32 && byte < 127))).toBe(true);
      expect(corpus.heldOutRows(group)).toBeGreaterThan(400);
      expect(corpus.heldOutRow(group, 0)).toHaveLength(128);
    }
  });

  test('holds out what cannot be trained on, but for a verse that its book repeats', async () => {
    const corpus = await openCorpus(modelFolder);
    let repeated = 0;
    for (let group = 0; group < corpus.groups; group++) {
      const text = Buffer.from(await readTrainingText(modelFolder, group)).toString('latin1');
      for (let row = 0; row < corpus.heldOutRows(group); row++) {
        if (text.includes(Buffer.from(corpus.heldOutRow(group, row)).toString('latin1'))) repeated += 1;
      }
    }
    expect(repeated).toBeLessThanOrEqual(1);
  });

  test('names the source, the author and the licence of each text', async () => {
    const sources = await readFile(join(modelFolder, 'corpus/SOURCES.md'), 'utf8');
    for (const name of await readdir(join(modelFolder, 'corpus'))) {
      if (name.endsWith('.txt')) expect(sources).toContain(name.replace(/\.(train|heldout)\.txt$/, ''));
    }
    expect(sources.match(/public domain/gi)?.length).toBeGreaterThanOrEqual(5);
  });

  test('refuses rows that are not there', async () => {
    const corpus = await openCorpus(modelFolder);
    for (const [group, row] of [
      [0, -1],
      [0, 0.5],
      [0, 1e6],
      [4, 0],
    ] as const) {
      expect(() => corpus.heldOutRow(group, row)).toThrow(expect.objectContaining({ code: 'OST_MODEL_ROW_MISSING' }));
    }
  });

  test('says which folder lacks which file', async () => {
    await using folder = await temporaryFolder();
    await expect(openCorpus(folder.path)).rejects.toMatchObject({
      code: 'OST_MODEL_FILE_MISSING',
      params: { folder: folder.path, file: 'model.json' },
    });
  });
});

describe("an operator's own data set", () => {
  test('gives lines with a group to it, lines without one to all', async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'held-out.jsonl');
    const lines = [{ text: 'a'.repeat(128), group: 1 }, { text: 'b'.repeat(300) }];
    await writeFile(file, `${lines.map((line) => JSON.stringify(line)).join('\n')}\n\n`);
    const corpus = await openCorpus(modelFolder, file);
    expect(corpus.heldOutRows(0)).toBe(2);
    expect(corpus.heldOutRows(1)).toBe(3);
    expect(Buffer.from(corpus.heldOutRow(1, 0)).toString()).toBe('a'.repeat(128));
    expect(Buffer.from(corpus.heldOutRow(0, 1)).toString()).toBe('b'.repeat(128));
  });

  test('may be a folder of files, read in the order of their names', async () => {
    await using folder = await temporaryFolder();
    await mkdir(join(folder.path, 'sub'));
    await writeFile(join(folder.path, '2.jsonl'), JSON.stringify({ text: 'z'.repeat(128) }));
    await writeFile(join(folder.path, '1.jsonl'), JSON.stringify({ text: 'é'.repeat(63) }));
    await writeFile(join(folder.path, 'notes.txt'), 'not read');
    const corpus = await openCorpus(modelFolder, folder.path);
    // 126 bytes of UTF-8, a line break and 128 letters make 255: one row.
    expect(corpus.heldOutRows(3)).toBe(1);
    expect(corpus.heldOutRow(3, 0)[126]).toBe(10);
  });

  test.each([
    ['no JSON', '{"text": "a"}\nnonsense'],
    ['no text', '{"text": "a"}\n{"body": "b"}'],
    ['a group that the model has not', '{"text": "a"}\n{"text": "b", "group": 4}'],
  ])('is refused with the line that holds %s', async (_, text) => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'bad.jsonl');
    await writeFile(file, text);
    await expect(openCorpus(modelFolder, file)).rejects.toMatchObject({
      code: 'OST_MODEL_DATASET_MALFORMED',
      params: { file: 'bad.jsonl', line: 2 },
    });
  });

  test('that is not there is a missing file', async () => {
    await expect(openCorpus(modelFolder, '/nowhere/held-out.jsonl')).rejects.toMatchObject({
      code: 'OST_MODEL_FILE_MISSING',
    });
  });
});

describe("a training's data", () => {
  const text = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index % 251));

  test('never shows the rows that choose the best checkpoint', () => {
    const data = trainingData(text, { group: 2, seed: 's', batchSize: 8, size: 128 });
    const first = Math.min(...data.validation.map(({ text }) => text.byteOffset));
    expect(data.validation).toHaveLength(16);
    for (let step = 0; step < 200; step++) {
      for (const row of data.batch(step)) {
        expect(row.group).toBe(2);
        expect(row.text).toHaveLength(128);
        expect(row.text.byteOffset + row.text.length).toBeLessThanOrEqual(first);
      }
    }
  });
});

test('a data set without a single row for a group is refused before anybody is judged by it', async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, 'short.jsonl');
  const write = (...lines: readonly object[]) => writeFile(path, lines.map((line) => JSON.stringify(line)).join('\n'));
  const row = 'x'.repeat(128);
  await write(
    { text: row, group: 0 },
    { text: row, group: 1 },
    { text: row.slice(1), group: 2 },
    { text: row, group: 3 },
  );
  const open = async () => requireHeldOut(await openCorpus(modelFolder, path));
  await expect(open()).rejects.toMatchObject({
    code: 'OST_DATASET_TOO_SHORT',
    params: { group: 2, tokens: 127, least: 128 },
  });
  await write({ text: row });
  await open();
});
