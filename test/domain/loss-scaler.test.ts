import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { LossScaler, lossScaling } from '../../domain/loss-scaler.ts';

const settings = { ...lossScaling, initial: 1024, growthInterval: 3, max: 4096 };
const steps = fc.array(fc.boolean(), { maxLength: 60 });

describe('a loss scale', () => {
  test('moves as torch moves it: halved by an overflow, doubled after so many good steps', () => {
    const scaler = new LossScaler(settings);
    const scales = [true, true, false, true, true, true, true].map((finite) => scaler.update(finite).after);
    // The overflow begins the count anew.
    expect(scales).toEqual([1024, 1024, 512, 512, 512, 1024, 1024]);
  });

  test('skips exactly the steps that are not finite', () => {
    fc.assert(
      fc.property(steps, (finite) => {
        const scaler = new LossScaler(settings);
        expect(finite.map((each) => scaler.update(each).skipped)).toEqual(finite.map((each) => !each));
      }),
    );
  });

  test('stays within its bounds, and stays a power of two', () => {
    fc.assert(
      fc.property(steps, (finite) => {
        const scaler = new LossScaler(settings);
        for (const each of finite) {
          const { before, after } = scaler.update(each);
          expect(after).toBe(scaler.scale);
          expect([before / 2, before, before * 2]).toContain(after);
          expect(after).toBeGreaterThanOrEqual(1);
          expect(after).toBeLessThanOrEqual(4096);
          expect(Number.isInteger(Math.log2(after))).toBe(true);
        }
      }),
    );
  });

  test('never rises by an overflow, and never falls without one', () => {
    fc.assert(
      fc.property(steps, (finite) => {
        const scaler = new LossScaler(settings);
        for (const each of finite) {
          const { before, after } = scaler.update(each);
          if (each) expect(after).toBeGreaterThanOrEqual(before);
          else expect(after).toBeLessThanOrEqual(before);
        }
      }),
    );
  });

  test('goes on from its state as if nothing had been', () => {
    fc.assert(
      fc.property(steps, fc.nat(60), (finite, at) => {
        const whole = new LossScaler(settings);
        const first = new LossScaler(settings);
        for (const each of finite) whole.update(each);
        for (const each of finite.slice(0, at)) first.update(each);
        const second = new LossScaler(settings, first.state);
        for (const each of finite.slice(at)) second.update(each);
        expect(second.state).toEqual(whole.state);
      }),
    );
  });

  test.each([
    [{ backoffFactor: 1 }],
    [{ growthFactor: 0.5 }],
    [{ growthInterval: 0 }],
    [{ min: 0 }],
    [{ min: 2, max: 1 }],
  ])('with %j is refused', (wrong) => {
    expect(() => new LossScaler({ ...settings, ...wrong })).toThrow(RangeError);
  });
});
