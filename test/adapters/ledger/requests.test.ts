import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { openLedger } from '../../../adapters/ledger/open.ts';
import { blocks } from '../../../domain/units.ts';
import { temporaryLedger } from './temporary-ledger.ts';

describe('a request', () => {
  test('is taken once, also after a restart and by another connection', async () => {
    await using temporary = await temporaryLedger();
    expect(await temporary.ledger.requests.once('a', blocks(10))).toBe(true);
    expect(await temporary.ledger.requests.once('a', blocks(11))).toBe(false);
    const again = await openLedger({ file: temporary.file });
    expect(await again.requests.once('a', blocks(10))).toBe(false);
    expect(await again.requests.once('b', blocks(10))).toBe(true);
    await again.close();
  });

  test('is never taken twice, over any sequence of requests and prunings', async () => {
    const command = fc.oneof(
      fc.record({ kind: fc.constant('once' as const), key: fc.nat(5), block: fc.nat(20) }),
      fc.record({ kind: fc.constant('prune' as const), block: fc.nat(20) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(command, { maxLength: 20 }), async (commands) => {
        await using temporary = await temporaryLedger();
        const { requests } = temporary.ledger;
        const taken = new Map<string, number>();
        let mark = 0;
        for (const each of commands) {
          if (each.kind === 'prune') {
            mark = Math.max(mark, each.block);
            await requests.prune(blocks(each.block));
            continue;
          }
          // A signature covers its block, so that a key belongs to one block for good.
          const key = `${each.key}@${each.block}`;
          expect(await requests.once(key, blocks(each.block))).toBe(each.block >= mark && !taken.has(key));
          if (each.block >= mark) taken.set(key, each.block);
        }
      }),
      { numRuns: 25 },
    );
  });

  test('is forgotten when its block is pruned, and then refused for its age', async () => {
    await using temporary = await temporaryLedger();
    const { requests } = temporary.ledger;
    await requests.once('old', blocks(10));
    await requests.once('new', blocks(20));
    expect(await requests.prune(blocks(15))).toBe(1);
    expect(await requests.once('old', blocks(10))).toBe(false);
    expect(await requests.once('new', blocks(20))).toBe(false);
    expect(await requests.prune(blocks(5))).toBe(0);
    expect(await requests.once('older', blocks(10))).toBe(false);
  });
});
