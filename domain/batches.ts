import { h256Int } from './h256.ts';
import { sha256Text } from './sha256.ts';

/**
 * A number below `limit` that follows from a text. 48 bits of the hash: for the few thousand rows of a corpus the
 * remainder's bias is below one in 10^10.
 */
const drawn = (text: string, limit: number): number => Number.parseInt(sha256Text(text).slice(0, 12), 16) % limit;

function counted(name: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${name} is ${value}`);
}

/**
 * The held-out rows that a group's submissions are judged on in one cycle: drawn without replacement from
 * 0 … available − 1, in ascending order. Whoever knows the seed gets the same rows, and nobody knew it while the
 * models were trained.
 *
 * @param seed the cycle's combined seed, 64 hex digits
 * @param wanted rows to draw; where fewer are there, all of them
 */
export function evaluationRows(seed: string, group: number, available: number, wanted: number): readonly number[] {
  counted('available', available);
  counted('wanted', wanted);
  const count = Math.min(available, wanted);
  // The first steps of a Fisher–Yates shuffle; only displaced places are kept, so that a huge data set costs nothing.
  const displaced = new Map<number, number>();
  const rows: number[] = [];
  for (let index = 0; index < count; index++) {
    const other = index + drawn(`evaluation/${seed}/${group}/${index}`, available - index);
    rows.push(displaced.get(other) ?? other);
    displaced.set(other, displaced.get(index) ?? index);
  }
  return rows.toSorted((a, b) => a - b);
}

/**
 * Where the rows of one training step begin in the text to train on, each in 0 … available − 1. They depend on nothing
 * but the seed and the step, so that the number of a step is all that a checkpoint has to keep of the data's position.
 */
export function trainingRows(seed: string, step: number, available: number, batchSize: number): readonly number[] {
  counted('step', step);
  counted('batchSize', batchSize);
  if (available < 1) throw new RangeError('there is no text to train on');
  return Array.from({ length: batchSize }, (_, index) => drawn(`training/${seed}/${step}/${index}`, available));
}

/** A tenth of all hashes as the originals compute it: the product in double precision, which is not the exact tenth. */
const keptBelow = BigInt(0.1 * Number((1n << 256n) - 1n));

/**
 * The originals' choice of evaluation data: of a stream of examples those whose place hashes into a tenth, in order,
 * until there are enough. Whoever streams from the beginning meets the first few hundred examples only, which is why
 * {@link evaluationRows} draws from all of them; this rule is for agreeing with validators that keep to the originals'.
 *
 * @param seed the cycle's combined seed, 64 hex digits
 */
export function keptRows(seed: string, available: number, wanted: number): readonly number[] {
  counted('available', available);
  counted('wanted', wanted);
  const rows: number[] = [];
  for (let index = 0; index < available && rows.length < wanted; index++) {
    if (h256Int('dataset_selection', index, seed) <= keptBelow) rows.push(index);
  }
  return rows;
}

/** How a cycle's rows are chosen: drawn from all there are, or by the originals' rule. */
export type RowSelection = 'drawn' | 'kept';

export const selectRows = (
  selection: RowSelection,
  from: { readonly seed: string; readonly group: number; readonly available: number; readonly wanted: number },
): readonly number[] =>
  selection === 'drawn'
    ? evaluationRows(from.seed, from.group, from.available, from.wanted)
    : keptRows(from.seed, from.available, from.wanted);
