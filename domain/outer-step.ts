/**
 * The model's outer step. Its result is hashed and committed on chain, so that every validator must come to the same
 * bits: it runs in float64 along the exact mean of the pseudo-gradients (merge/exact-mean.ts), and results are rounded
 * to float32 at fixed points. Each element is computed from its own column alone, so it makes no difference in which
 * chunks a tensor is read.
 */

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
