import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Example, filesOf, readExamples } from '../../../adapters/data/examples.ts';
import { expected, fixtures } from './fixtures.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ostinato-examples-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function read(path: string, text = 'content', groups = 4): Promise<readonly Example[]> {
  const examples: Example[] = [];
  for await (const example of readExamples([path], { text, groups })) examples.push(example);
  return examples;
}
const all = expected.rows.map((text, row) => ({ text, group: row % 3 === 0 ? row % 4 : null }));

describe('a Parquet file', () => {
  test.each(['snappy', 'zstd', 'gzip', 'none'])(
    'that pyarrow compressed with %s has its texts in order',
    async (name) => {
      expect(await read(join(fixtures, `${name}.parquet`))).toEqual(all);
    },
  );

  test('is refused where the column is missing or holds no text', async () => {
    const code = 'OST_MODEL_DATASET_MALFORMED';
    const file = join(fixtures, 'snappy.parquet');
    await expect(read(file, 'text')).rejects.toMatchObject({ code, params: { file: 'snappy.parquet', line: 1 } });
    await expect(read(join(fixtures, 'numbers.parquet'))).rejects.toMatchObject({ code });
    await expect(read(file, 'content', 2)).rejects.toMatchObject({ code });
  });

  test('that is cut or damaged is refused', async () => {
    const whole = await readFile(join(fixtures, 'zstd.parquet'));
    const path = join(folder, 'cut.parquet');
    for (const bytes of [whole.subarray(0, 5000), Buffer.alloc(10), Buffer.from(whole).fill(7, 100, 4000)]) {
      await writeFile(path, bytes);
      await expect(read(path)).rejects.toMatchObject({ code: 'OST_DATASET_FILE' });
    }
  });
});

describe('JSON lines', () => {
  const lines = all.map(({ text, group }) => JSON.stringify({ content: text, group, more: [1] }));

  test.each(['a.jsonl', 'a.json', 'a.jsonl.gz', 'a.json.gz'])('in %s have their texts in order', async (name) => {
    const path = join(folder, name);
    const text = `${lines.join('\n\n')}\n`;
    await writeFile(path, name.endsWith('.gz') ? gzipSync(text) : text);
    expect(await read(path)).toEqual(all);
  });

  test.each([
    ['no JSON', '{"content": "a"'],
    ['an array', '["a"]'],
    ['another key', '{"text": "a"}'],
    ['no text', '{"content": 7}'],
    ['a group beyond', '{"content": "a", "group": 4}'],
    ['a group that is none', '{"content": "a", "group": "1"}'],
  ])('with %s are refused with the line', async (_, line) => {
    const path = join(folder, 'bad.jsonl');
    await writeFile(path, `{"content": "good"}\n${line}\n`);
    const params = { file: 'bad.jsonl', line: 2 };
    await expect(read(path)).rejects.toMatchObject({ code: 'OST_MODEL_DATASET_MALFORMED', params });
  });

  test('that are cut in the middle of their compression are refused', async () => {
    const path = join(folder, 'cut.jsonl.gz');
    const whole = gzipSync(lines.join('\n'));
    await writeFile(path, whole.subarray(0, whole.length - 100));
    await expect(read(path)).rejects.toMatchObject({ code: 'OST_DATASET_FILE' });
  });

  test('of a folder come in the order of the files names', async () => {
    expect((await filesOf(fixtures)).map((path) => path.slice(fixtures.length + 1))).toEqual([
      'expected.json',
      'gzip.parquet',
      'none.parquet',
      'numbers.parquet',
      'snappy.parquet',
      'zstd.parquet',
    ]);
    await expect(filesOf(join(folder, 'nowhere'))).rejects.toMatchObject({ code: 'OST_MODEL_FILE_MISSING' });
  });
});
