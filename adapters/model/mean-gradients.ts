import type { Gradients } from './gradient-model.ts';

/**
 * The mean of several gradients, element by element: added in double precision in the order given, divided, and rounded
 * once. The same parts in the same order give the same bits, on every machine and however they came in.
 */
export function meanGradients(parts: readonly Gradients[]): Gradients {
  const [first] = parts;
  if (first === undefined) throw new RangeError('a mean of nothing');
  if (parts.length === 1) return first;
  const count = parts.length;
  const loss = parts.reduce((sum, part) => sum + part.loss, 0) / count;
  const gradients = first.gradients.map((tensor, index) => {
    const mean = new Float32Array(tensor.length);
    const others = parts.map((part) => part.gradients[index] ?? mean);
    for (let at = 0; at < mean.length; at++) {
      let sum = 0;
      for (const values of others) sum += values[at] ?? 0;
      mean[at] = sum / count;
    }
    return mean;
  });
  return { loss, gradients };
}
