import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { learningRateAt } from '../../../adapters/model/cosine-schedule.ts';
import { adamWStep, clipFactor, globalNorm, globalSum } from '../../../adapters/model/optimizer.ts';

describe('clipping', () => {
  test('brings the global norm down to the maximum and leaves smaller gradients alone', () => {
    const values = fc.float({ min: -100, max: 100, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.array(values, { minLength: 1 }), { minLength: 1 }), (lists) => {
        const gradients = lists.map((list) => Float32Array.from(list));
        const norm = globalNorm(gradients);
        const factor = clipFactor(norm, 1);
        expect(norm * factor).toBeLessThanOrEqual(1 + 1e-9);
        if (norm <= 1) expect(factor).toBe(1);
      }),
    );
  });

  test('measures over all tensors together', () => {
    expect(globalNorm([Float32Array.of(3), Float32Array.of(0, 4)])).toBe(5);
    expect(globalNorm([Float32Array.of(Number.NaN)])).toBeNaN();
    expect(globalSum([Float32Array.of(3), Float32Array.of(0.5, -4)])).toBe(-0.5);
    expect(clipFactor(5, 1)).toBe(0.2);
  });
});

describe('AdamW', () => {
  const fresh = (...values: number[]) => ({
    parameter: Float32Array.from(values),
    firstMoment: new Float32Array(values.length),
    secondMoment: new Float32Array(values.length),
  });

  test('gives what torch.optim.AdamW gives', () => {
    // torch 2.15, float64: betas (0.9, 0.95), eps 1e-8, weight decay 0.1, learning rate 0.01; three steps.
    const trained = fresh(1, -2, 0.5);
    const gradients = [Float32Array.of(0.1, -0.2, 0.3), Float32Array.of(-0.4, 0.05, 0), Float32Array.of(0.2, 0.2, -1)];
    for (const [index, gradient] of gradients.entries()) {
      adamWStep(trained, gradient, { step: index + 1, learningRate: 0.01, scale: 1 });
    }
    for (const [index, expected] of [0.993649583, -1.981129605, 0.486278931].entries())
      expect(trained.parameter[index]).toBeCloseTo(expected, 6);
  });

  test('moves by about the learning rate in its first step, whatever the gradient is', () => {
    for (const size of [1e-3, 1, 1e3]) {
      const trained = fresh(0);
      adamWStep(trained, Float32Array.of(size), { step: 1, learningRate: 0.01, scale: 1 });
      expect(trained.parameter[0]).toBeCloseTo(-0.01, 5);
    }
  });

  test('decays weights that have no gradient', () => {
    const trained = fresh(1);
    adamWStep(trained, Float32Array.of(0), { step: 1, learningRate: 0.5, scale: 1 });
    expect(trained.parameter[0]).toBeCloseTo(0.95, 6);
  });

  test('finds the minimum of a bowl', () => {
    const trained = fresh(3, -4);
    const settings = { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0 };
    for (let step = 1; step <= 500; step++) {
      const gradient = Float32Array.from(trained.parameter, (value) => 2 * (value - 1));
      adamWStep(trained, gradient, { step, learningRate: 0.05, scale: 1 }, settings);
    }
    for (const value of trained.parameter) expect(Math.abs(value - 1)).toBeLessThan(0.01);
  });
});

describe('the cosine schedule', () => {
  const schedule = { peak: 0.001, warmupSteps: 10, totalSteps: 110, floor: 0.1 };

  test('warms up in equal steps, peaks, passes the middle and rests on its floor', () => {
    expect(learningRateAt(schedule, 0)).toBeCloseTo(0.0001, 12);
    expect(learningRateAt(schedule, 9)).toBeCloseTo(0.001, 12);
    expect(learningRateAt(schedule, 10)).toBeCloseTo(0.001, 12);
    expect(learningRateAt(schedule, 60)).toBeCloseTo(0.00055, 12);
    expect(learningRateAt(schedule, 110)).toBeCloseTo(0.0001, 12);
    expect(learningRateAt(schedule, 100_000)).toBeCloseTo(0.0001, 12);
  });

  test('never rises after the warm-up, and stays between floor and peak', () => {
    let before = Number.POSITIVE_INFINITY;
    for (let step = 10; step < 200; step++) {
      const rate = learningRateAt(schedule, step);
      expect(rate).toBeLessThanOrEqual(before);
      expect(rate).toBeGreaterThanOrEqual(0.0001 - 1e-12);
      before = rate;
    }
  });
});
