import { trainingRows } from '../../domain/batches.ts';
import { fail } from '../../domain/errors/error.ts';
import type { TokenSequence } from '../data/tokens.ts';
import type { TaggedRow } from './batch.ts';

/** The last part of the text is never trained on: it tells whether the training still helps. */
const validationShare = 1 / 16;
const validationRows = 16;

/** The rows of a group's training. */
export interface TrainingData {
  /** The rows of one step; they depend on seed and step alone. */
  batch(step: number): readonly TaggedRow[];
  /** Rows for choosing the best checkpoint, the same ones every time. */
  readonly validation: readonly TaggedRow[];
}

/** @throws OST_DATASET_TOO_SHORT for less than a row to train on and one to judge by */
export function trainingData(
  text: TokenSequence,
  options: { readonly group: number; readonly seed: string; readonly batchSize: number; readonly size: number },
): TrainingData {
  const { group, seed, batchSize, size } = options;
  // Of a short text at least one row: without any nobody could tell whether the training helps, and none would win.
  const cut = Math.min(Math.floor(text.length * (1 - validationShare)), text.length - size);
  if (cut < size) throw fail('OST_DATASET_TOO_SHORT', { use: 'train on', group, tokens: text.length, least: 2 * size });
  const rest = text.length - cut - size;
  const row = (start: number): TaggedRow => ({ group, text: text.slice(start, start + size) });
  return {
    batch: (step) => trainingRows(seed, step, cut - size + 1, batchSize).map(row),
    validation: Array.from({ length: validationRows }, (_, index) =>
      row(cut + Math.floor((rest * index) / Math.max(1, validationRows - 1))),
    ),
  };
}
