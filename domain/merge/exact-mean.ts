/**
 * Means whose bits depend on nothing but the set of their terms: not on their order, not on the chunks in which they
 * are read, not on the machine. Every term is first rounded to a multiple of {@link quantum}; sums of at most
 * {@link mostTerms} such multiples of at most {@link largestMagnitude} then fit a double exactly (8 + 6 + 38 = 52
 * bits), and exact sums can be formed in any order. Rounding comes once more, at the mean itself.
 */

/** What terms are multiples of: far below what the difference of two float32 weights can tell. */
export const quantum = 2 ** -38;

/** Larger terms are refused: no weight moves so far in a cycle, and one of 1e30 would drown all others. */
export const largestMagnitude = 64;

/** The most validators that a subnet has, and the most miners. */
export const mostTerms = 256;

/** Adding this leaves a double whose last place is the quantum, so that taking it away again has rounded to it. */
const shift = 1.5 * 2 ** (52 - 38);

/** The term that each of the 65,536 codes of a 16-bit type stands for. */
export const termsOf = (decoded: Float32Array): Float64Array =>
  Float64Array.from(decoded, (value) => value + shift - shift);

/** Adds values of a 16-bit type to sums of the same length, by the table of {@link termsOf}. */
export function addCodes(sum: Float64Array, terms: Float64Array, inputs: readonly Uint16Array[]): void {
  const { length } = sum;
  let done = 0;
  for (; done + 4 <= inputs.length; done += 4) {
    const [a, b, c, d] = inputs.slice(done, done + 4);
    if (a === undefined || b === undefined || c === undefined || d === undefined) break;
    // Four at once: reading and writing the sums would else take most of the time.
    for (let i = 0; i < length; i++) {
      sum[i] =
        (sum[i] ?? 0) +
        ((terms[a[i] ?? 0] ?? 0) + (terms[b[i] ?? 0] ?? 0) + ((terms[c[i] ?? 0] ?? 0) + (terms[d[i] ?? 0] ?? 0)));
    }
  }
  for (const input of inputs.slice(done)) {
    for (let i = 0; i < length; i++) sum[i] = (sum[i] ?? 0) + (terms[input[i] ?? 0] ?? 0);
  }
}

/** Adds values to sums of the same length. */
export function addValues(sum: Float64Array, values: Float32Array): void {
  for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] ?? 0) + ((values[i] ?? 0) + shift - shift);
}

/** Adds base − candidate, element by element: what a miner's training moved, as a gradient points. */
export function addDifferences(sum: Float64Array, base: Float32Array, candidate: Float32Array): void {
  for (let i = 0; i < sum.length; i++) {
    sum[i] = (sum[i] ?? 0) + ((base[i] ?? 0) - (candidate[i] ?? 0) + shift - shift);
  }
}

/** Writes the means of sums of `count` terms, rounded to float32. */
export function meanOf(sum: Float64Array, count: number, to: Float32Array): void {
  for (let i = 0; i < sum.length; i++) to[i] = (sum[i] ?? 0) / count;
}

/** Why values cannot be terms; null where all of them can. Non-finite values come first, for they also are no size. */
export function termFault(values: Float32Array): 'nan' | 'magnitude' | null {
  let large = false;
  for (let i = 0; i < values.length; i++) {
    const size = Math.abs(values[i] ?? 0);
    // Also for NaN, which is not at most anything.
    if (!(size <= largestMagnitude)) {
      if (!Number.isFinite(size)) return 'nan';
      large = true;
    }
  }
  return large ? 'magnitude' : null;
}

/** The same of base − candidate. */
export function differenceFault(base: Float32Array, candidate: Float32Array): 'nan' | 'magnitude' | null {
  let large = false;
  for (let i = 0; i < candidate.length; i++) {
    const size = Math.abs((base[i] ?? 0) - (candidate[i] ?? 0));
    if (!(size <= largestMagnitude)) {
      if (!Number.isFinite(size)) return 'nan';
      large = true;
    }
  }
  return large ? 'magnitude' : null;
}
