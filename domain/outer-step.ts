/**
 * The model's outer step. Its result is hashed and committed on chain, so that every validator must come to the same
 * bits: sums run in float64 in the order of hotkeys, and results are rounded to float32 at fixed points. Each element
 * is computed from its own column alone, so it makes no difference in which chunks a tensor is read.
 */

/**
 * The mean of (base − candidate) over all candidates, which the caller gives in ascending order of hotkeys. One
 * rounding to float32 at the end. Throws a RangeError without candidates or where lengths differ.
 */
export function meanPseudoGradient(base: Float32Array, candidates: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  if (candidates.length === 0) throw new RangeError('a mean needs at least one candidate');
  for (const { length } of candidates) {
    if (length !== base.length) throw new RangeError(`a candidate has ${length} elements, the base ${base.length}`);
  }
  const sum = new Float64Array(base.length);
  for (const candidate of candidates) {
    for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] ?? 0) + ((base[i] ?? 0) - (candidate[i] ?? 0));
  }
  return Float32Array.from(sum, (value) => value / candidates.length);
}

export interface NesterovSettings {
  readonly learningRate: number;
  readonly momentum: number;
}

/** The originals' outer optimiser. */
export const outerStepDefaults: NesterovSettings = { learningRate: 0.7, momentum: 0.9 };

export interface NesterovResult {
  readonly params: Float32Array<ArrayBuffer>;
  /** The momentum buffer for the next step. It must be kept: without it the next step differs from the peers'. */
  readonly momentum: Float32Array<ArrayBuffer>;
}

/**
 * One step of SGD with Nesterov momentum, as PyTorch defines it: buffer ← m·buffer + g (on the first step, with
 * `momentum` null, the gradient itself), update = g + m·buffer, p ← p − lr·update. Computed in float64, rounded to
 * float32 after each of the three. The inputs stay as they are.
 */
export function nesterovStep(
  params: Float32Array,
  gradient: Float32Array,
  momentum: Float32Array | null,
  settings: NesterovSettings = outerStepDefaults,
): NesterovResult {
  if (gradient.length !== params.length || (momentum !== null && momentum.length !== params.length)) {
    throw new RangeError('parameters, gradient and momentum differ in length');
  }
  const next = new Float32Array(params.length);
  const buffer = new Float32Array(params.length);
  for (let i = 0; i < next.length; i++) {
    const g = gradient[i] ?? 0;
    const velocity = momentum === null ? g : Math.fround(settings.momentum * (momentum[i] ?? 0) + g);
    const update = Math.fround(g + settings.momentum * velocity);
    buffer[i] = velocity;
    next[i] = Math.fround((params[i] ?? 0) - settings.learningRate * update);
  }
  return { params: next, momentum: buffer };
}
