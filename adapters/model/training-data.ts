import { trainingRows } from '../../domain/batches.ts';

/** The last part of the text is never trained on: it tells whether the training still helps. */
const validationShare = 1 / 16;
const validationRows = 16;

/** The rows of a group's training. */
export interface TrainingData {
  /** The rows of one step; they depend on seed and step alone. */
  batch(step: number): readonly Uint8Array[];
  /** Rows for choosing the best checkpoint, the same ones every time. */
  readonly validation: readonly Uint8Array[];
}

export function trainingData(
  text: Uint8Array,
  { seed, batchSize, size }: { readonly seed: string; readonly batchSize: number; readonly size: number },
): TrainingData {
  const cut = Math.max(size, Math.floor(text.length * (1 - validationShare)));
  const rest = text.length - cut - size;
  const row = (start: number) => text.subarray(start, start + size);
  return {
    batch: (step) => trainingRows(seed, step, cut - size + 1, batchSize).map(row),
    validation: Array.from({ length: rest < 0 ? 0 : validationRows }, (_, index) =>
      row(cut + Math.floor((rest * index) / Math.max(1, validationRows - 1))),
    ),
  };
}
