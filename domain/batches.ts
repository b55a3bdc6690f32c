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
