/** A parameter tensor with its moments, changed in place. */
export interface Trained {
  readonly parameter: Float32Array;
  readonly firstMoment: Float32Array;
  readonly secondMoment: Float32Array;
}

export interface AdamW {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
}

/** The original's settings. */
export const adamW: AdamW = { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1 };

/** The Euclidean norm over all gradients, in double precision and in the order given. */
export function globalNorm(gradients: readonly Float32Array[]): number {
  let sum = 0;
  for (const gradient of gradients) for (const value of gradient) sum += value * value;
  return Math.sqrt(sum);
}

/** The sum over all gradients' elements, in double precision and in the order given. */
export function globalSum(gradients: readonly Float32Array[]): number {
  let sum = 0;
  for (const gradient of gradients) for (const value of gradient) sum += value;
  return sum;
}

/** The factor that brings gradients of a norm down to a maximum; 1 where they are below it. */
export const clipFactor = (norm: number, maximum: number): number => (norm > maximum ? maximum / norm : 1);

/**
 * One AdamW step with decoupled weight decay, in place. The arithmetic is in doubles and rounded once for each number
 * that is stored, in one fixed order: the same on every machine.
 *
 * @param step counted from 1, for the correction of the moments' bias
 * @param scale what the gradient is multiplied with first ({@link clipFactor})
 */
export function adamWStep(
  { parameter, firstMoment, secondMoment }: Trained,
  gradient: Float32Array,
  { step, learningRate, scale }: { readonly step: number; readonly learningRate: number; readonly scale: number },
  { beta1, beta2, epsilon, weightDecay }: AdamW = adamW,
): void {
  const correction1 = 1 - beta1 ** step;
  const correction2 = 1 - beta2 ** step;
  const keep = 1 - learningRate * weightDecay;
  for (let index = 0; index < parameter.length; index++) {
    const g = (gradient[index] ?? 0) * scale;
    const m = beta1 * (firstMoment[index] ?? 0) + (1 - beta1) * g;
    const v = beta2 * (secondMoment[index] ?? 0) + (1 - beta2) * g * g;
    firstMoment[index] = m;
    secondMoment[index] = v;
    const update = m / correction1 / (Math.sqrt(v / correction2) + epsilon);
    parameter[index] = (parameter[index] ?? 0) * keep - learningRate * update;
  }
}
