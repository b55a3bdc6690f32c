import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { nesterovStep } from '../../domain/outer-step.ts';

const bits = (values: Float32Array) => [...new Uint32Array(values.buffer, values.byteOffset, values.length)];

const tensor = (length: number) =>
  fc.float32Array({ minLength: length, maxLength: length, noNaN: true, max: 1000, min: -1000 });

/** Applies the step to pieces of the tensors and joins the results. */
function inChunks(base: Float32Array, gradient: Float32Array, momentum: Float32Array, chunk: number) {
  const params: number[] = [];
  const buffer: number[] = [];
  for (let start = 0; start < base.length; start += chunk) {
    const piece = (values: Float32Array) => values.subarray(start, start + chunk);
    const step = nesterovStep(piece(base), piece(gradient), piece(momentum));
    params.push(...step.params);
    buffer.push(...step.momentum);
  }
  return { params: Float32Array.from(params), momentum: Float32Array.from(buffer) };
}

describe('the outer step', () => {
  test('moves as SGD with Nesterov momentum does in PyTorch, over two steps', () => {
    const first = nesterovStep(Float32Array.of(1), Float32Array.of(0.5), null);
    // buffer 0.5; update 0.5 + 0.9 · 0.5 = 0.95; 1 − 0.7 · 0.95
    expect(first.momentum[0]).toBe(0.5);
    expect(first.params[0]).toBeCloseTo(0.335, 6);
    const second = nesterovStep(first.params, Float32Array.of(0.5), first.momentum);
    // buffer 0.9 · 0.5 + 0.5 = 0.95; update 0.5 + 0.9 · 0.95 = 1.355; 0.335 − 0.7 · 1.355
    expect(second.momentum[0]).toBeCloseTo(0.95, 6);
    expect(second.params[0]).toBeCloseTo(-0.6135, 6);
  });

  test('keeps to fixed bits', () => {
    const base = Float32Array.from({ length: 4 }, (_, i) => Math.fround(Math.sqrt(i + 2)));
    const candidate = Float32Array.from({ length: 4 }, (_, i) => Math.fround(Math.sqrt(i + 3)));
    const gradient = base.map((value, i) => value - (candidate[i] ?? 0));
    const first = nesterovStep(base, gradient, null);
    const second = nesterovStep(first.params, gradient, first.momentum);
    expect([...bits(second.params), ...bits(second.momentum)]).toEqual([
      1075586791, 1076244661, 1076937009, 1077620633, 3206191254, 3204600988, 3202721183, 3201277411,
    ]);
  });

  test('leaves its inputs as they are, and refuses other lengths', () => {
    const params = Float32Array.of(1, 2);
    nesterovStep(params, Float32Array.of(1, 1), Float32Array.of(1, 1));
    expect([...params]).toEqual([1, 2]);
    expect(() => nesterovStep(params, Float32Array.of(1), null)).toThrow(RangeError);
    expect(() => nesterovStep(params, Float32Array.of(1, 1), Float32Array.of(1))).toThrow(RangeError);
  });

  test('gives the same bits in any chunks', () => {
    fc.assert(
      fc.property(
        tensor(13),
        tensor(13),
        tensor(13),
        fc.integer({ min: 1, max: 14 }),
        (base, gradient, momentum, chunk) => {
          const whole = inChunks(base, gradient, momentum, 13);
          const parts = inChunks(base, gradient, momentum, chunk);
          expect(bits(parts.params)).toEqual(bits(whole.params));
          expect(bits(parts.momentum)).toEqual(bits(whole.momentum));
        },
      ),
    );
  });
});
