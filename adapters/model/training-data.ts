import { trainingRows } from '../../domain/batches.ts';
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

export function trainingData(
  text: TokenSequence,
  options: { readonly group: number; readonly seed: string; readonly batchSize: number; readonly size: number },
): TrainingData {
  const { group, seed, batchSize, size } = options;
  const cut = Math.max(size, Math.floor(text.length * (1 - validationShare)));
  const rest = text.length - cut - size;
  const row = (start: number): TaggedRow => ({ group, text: text.slice(start, start + size) });
  return {
    batch: (step) => trainingRows(seed, step, cut - size + 1, batchSize).map(row),
    validation: Array.from({ length: rest < 0 ? 0 : validationRows }, (_, index) =>
      row(cut + Math.floor((rest * index) / Math.max(1, validationRows - 1))),
    ),
  };
}
