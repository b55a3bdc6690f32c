import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isOstinatoError } from '../../../domain/errors/error.ts';
import { Slots } from '../../../server/http/slots.ts';

const attempt = (slots: Slots, owner: string): (() => void) | null => {
  try {
    return slots.take(owner);
  } catch (error) {
    expect(isOstinatoError(error, 'OST_HTTP_BUSY')).toBe(true);
    return null;
  }
};

describe('slots', () => {
  test('are bounded, and come back once however often they are given back', () => {
    const slots = new Slots('downloads', 2);
    const [first] = [attempt(slots, 'a'), attempt(slots, 'b')];
    expect(attempt(slots, 'c')).toBeNull();
    first?.();
    first?.();
    expect(slots.taken).toBe(1);
    expect(attempt(slots, 'c')).not.toBeNull();
    expect(attempt(slots, 'd')).toBeNull();
  });

  test('keep a place for newcomers, whatever the others open and close', () => {
    const limit = 16;
    const step = fc.record({ owner: fc.constantFrom('a', 'b', 'c'), release: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const slots = new Slots('downloads', limit, 8);
        const held: (() => void)[] = [];
        for (const { owner, release } of steps) {
          if (release) held.shift()?.();
          else held.push(...[attempt(slots, owner)].filter((each) => each !== null));
          expect(slots.taken).toBe(held.length);
          expect(attempt(slots, 'newcomer')?.()).toBeUndefined();
          const entered = attempt(slots, 'newcomer');
          expect(entered).not.toBeNull();
          entered?.();
        }
      }),
    );
  });

  test('are at most so many for one owner', () => {
    const slots = new Slots('downloads', 100, 3);
    expect([1, 2, 3, 4].map(() => attempt(slots, 'a') !== null)).toEqual([true, true, true, false]);
  });
});
