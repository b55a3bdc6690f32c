import { describe, expect, test } from '@jest/globals';
import { readModelDescription } from '../../../adapters/model/description.ts';
import { rowsAtOnce } from '../../../adapters/model/rows-at-once.ts';
import { modelFolder } from './reference.ts';

describe('the rows of one run', () => {
  test('of a small model are many batches of the operator’s', async () => {
    const description = await readModelDescription(modelFolder);
    expect([1, 8, 32].map((batchSize) => rowsAtOnce(batchSize, description))).toEqual([64, 64, 64]);
  });

  test('of a large model are one batch, however small', () => {
    const large = { context: 4096, vocabulary: 151_936 };
    expect([1, 8].map((batchSize) => rowsAtOnce(batchSize, large))).toEqual([1, 8]);
  });

  test('are never fewer than a batch that the operator asks for', () => {
    expect(rowsAtOnce(256, { context: 128, vocabulary: 256 })).toBe(256);
  });

  test('of a model in between are as many as its logits leave room for', () => {
    expect(rowsAtOnce(8, { context: 1024, vocabulary: 256 })).toBe(16);
  });
});
