import { describe, expect, test } from '@jest/globals';
import { runChecks, single } from './check.ts';
import { absent, expectEqual, lineOf, notProvoked, type Result } from './verdict.ts';

const run = async (body: () => Promise<void>): Promise<string> => {
  const lines: string[] = [];
  await runChecks(null, [single({ name: 'a check', run: body })], (result) => lines.push(lineOf(result)));
  return lines.join();
};

describe('a line of the report', () => {
  test('says how the check ended, and why', async () => {
    expect(await run(() => Promise.resolve())).toBe('a check: pass');
    expect(await run(() => Promise.reject(absent('none')))).toBe('a check: this runtime has not got it (none)');
    expect(await run(() => Promise.reject(notProvoked('no root')))).toBe('a check: not provoked (no root)');
    expect(await run(async () => expectEqual({ a: 1 }, { a: 2 }, 'it'))).toBe(
      'a check: fail (it is {"a":1}, not {"a":2})',
    );
  });

  test('is a failure for each name of a group that broke', async () => {
    const results: readonly Result[] = await runChecks(
      null,
      [{ names: ['one', 'two'], run: () => Promise.reject(new Error('broke')) }],
      () => undefined,
    );
    expect(results.map(lineOf)).toEqual(['one: fail (broke)', 'two: fail (broke)']);
  });
});
