import { addCodes, addValues, meanOf, mostTerms, termsOf } from '../../domain/merge/exact-mean.ts';
import { decodeTable } from '../../domain/merge/float-formats.ts';
import type { Chunk, TensorFile } from './tensor-file.ts';

/**
 * Averages pseudo-gradients chunk by chunk: exactly, so that neither the files' order nor the chunks change a bit. The
 * files were checked before. A RangeError for none, or for more than can be summed exactly.
 */
export class Averaging {
  readonly #files: readonly TensorFile[];
  readonly #terms = new Map<'BF16' | 'F16', Float64Array>();
  #sum = new Float64Array(0);

  constructor(files: readonly TensorFile[]) {
    if (files.length === 0 || files.length > mostTerms) throw new RangeError(`no mean of ${files.length} files`);
    this.#files = files;
  }

  /** The mean of one chunk; written to `to`, whose first elements it becomes. */
  async mean(chunk: Chunk, to: Float32Array<ArrayBuffer>): Promise<Float32Array<ArrayBuffer>> {
    if (this.#sum.length < chunk.count) this.#sum = new Float64Array(chunk.count);
    const sum = this.#sum.subarray(0, chunk.count).fill(0);
    const brain: TensorFile[] = [];
    const half: TensorFile[] = [];
    for (const file of this.#files) {
      const format = file.format(chunk.name);
      if (format === 'F32') addValues(sum, await file.values(chunk));
      else if (format === 'BF16') brain.push(file);
      else half.push(file);
    }
    for (const [format, files] of [['BF16', brain] as const, ['F16', half] as const]) {
      if (files.length === 0) continue;
      const terms = this.#terms.get(format) ?? termsOf(decodeTable(format));
      this.#terms.set(format, terms);
      addCodes(sum, terms, await Promise.all(files.map((file) => file.codes(chunk))));
    }
    const result = to.subarray(0, chunk.count);
    meanOf(sum, this.#files.length, result);
    return result;
  }
}
