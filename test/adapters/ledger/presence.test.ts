import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { blocks } from '../../../domain/units.ts';
import { temporaryLedger } from './temporary-ledger.ts';

type Span = readonly [from: number, to: number];

/** Whether a role that was there in some spans of blocks counts as present from 36 to 43. */
async function covers(spans: readonly Span[], toleratedBlocks?: number): Promise<boolean> {
  await using temporary = await temporaryLedger();
  const { presence } = temporary.ledger;
  for (const [from, to] of spans) await presence.note('server', blocks(from), blocks(to));
  return await presence.covers('server', blocks(36), blocks(43), toleratedBlocks);
}

describe('a role was there for the whole of a phase', () => {
  test.each<[string, readonly Span[], boolean]>([
    ['in one span', [[0, 100]], true],
    ['in exactly these blocks', [[36, 43]], true],
    [
      'in spans that touch',
      [
        [30, 39],
        [40, 50],
      ],
      true,
    ],
    [
      'in spans that overlap',
      [
        [30, 41],
        [38, 50],
      ],
      true,
    ],
    [
      'in spans with one block between them, a quick restart',
      [
        [30, 38],
        [40, 50],
      ],
      true,
    ],
    ['beginning one block late', [[37, 43]], true],
    ['ending one block early', [[36, 42]], true],
    [
      'with a short span inside a long one',
      [
        [30, 50],
        [38, 39],
      ],
      true,
    ],
  ])('%s', async (_name, spans, expected) => {
    expect(await covers(spans)).toBe(expected);
  });

  test.each<[string, readonly Span[]]>([
    ['that it never began', []],
    ['before it', [[0, 34]]],
    ['after it', [[46, 60]]],
    [
      'but for two blocks in the middle',
      [
        [30, 38],
        [41, 50],
      ],
    ],
    ['but for its first two blocks', [[38, 50]]],
    ['but for its last two blocks', [[30, 41]]],
  ])('does not hold for one %s', async (_name, spans) => {
    expect(await covers(spans)).toBe(false);
  });

  test('to the very block, where nothing is tolerated', async () => {
    expect(
      await covers(
        [
          [30, 38],
          [40, 50],
        ],
        0,
      ),
    ).toBe(false);
    expect(
      await covers(
        [
          [30, 39],
          [40, 50],
        ],
        0,
      ),
    ).toBe(true);
  });

  test('whatever came after the phase: a gap is counted to its last block and no further', async () => {
    const spans = [
      [36, 36],
      [39, 41],
      [45, 45],
    ] as const;
    expect(await covers(spans, 2)).toBe(true);
    expect(await covers(spans, 1)).toBe(false);
  });

  test('as far as it goes on noting the same beginning', async () => {
    await using temporary = await temporaryLedger();
    const { presence } = temporary.ledger;
    for (const to of [30, 35, 40]) await presence.note('server', blocks(30), blocks(to));
    expect(await presence.covers('server', blocks(36), blocks(43))).toBe(false);
    await presence.note('server', blocks(30), blocks(43));
    expect(await presence.covers('server', blocks(36), blocks(43))).toBe(true);
    expect(await presence.covers('validator', blocks(36), blocks(43))).toBe(false);
  });

  test('exactly where no gap is longer than what is tolerated', async () => {
    await using temporary = await temporaryLedger();
    const { presence } = temporary.ledger;
    const span = fc.tuple(fc.integer({ min: 30, max: 48 }), fc.nat(8));
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(span, { maxLength: 5 }), fc.nat(2), async (starts, tolerated) => {
        const role = `server-${runs++}`;
        const there = new Set<number>();
        // One beginning is one span, and the last end noted is its end.
        const spans = new Map(starts.map(([from, length]) => [from, from + length]));
        for (const [from, to] of spans) {
          await presence.note(role, blocks(from), blocks(to));
          for (let block = from; block <= to; block++) there.add(block);
        }
        let gap = 0;
        let longest = 0;
        for (let block = 36; block <= 43; block++) {
          gap = there.has(block) ? 0 : gap + 1;
          longest = Math.max(longest, gap);
        }
        expect(await presence.covers(role, blocks(36), blocks(43), tolerated)).toBe(longest <= tolerated);
      }),
      { numRuns: 60 },
    );
  });
});
