import type { ModelDescription } from './description.ts';

/** What a run's logits may take, as float32. All that a run holds is a small multiple of them. */
const logitsBytes = 16 * 1024 * 1024;
/** From here on more rows gain nothing (bench/README.md). */
const mostRows = 64;

/**
 * How many rows one run takes. Short runs keep a second core idle, so batches of a small model are run together; each
 * row's loss is the same to the last bit in any company. Those of a large model stay what the operator gives, who knows
 * what its device holds.
 *
 * @param batchSize `eval_batch_size`
 */
export function rowsAtOnce(
  batchSize: number,
  { context, vocabulary }: Pick<ModelDescription, 'context' | 'vocabulary'>,
): number {
  const fitting = Math.floor(logitsBytes / (context * vocabulary * Float32Array.BYTES_PER_ELEMENT));
  return Math.max(batchSize, Math.min(mostRows, fitting));
}
