import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { judgeVector, mergeRecords } from '../../../domain/protection.ts';
import { importWith } from '../../setup/import-with.ts';
import { type Change, changed } from './changed-rule.ts';
import type * as World from './protection-world.ts';

const here = import.meta.resolve;
const { playLives } = (await importWith(
  here('./protection-world.ts'),
  here('../../../domain/protection.ts'),
  here('./changed-rule.ts'),
)) as typeof World;

/** The same lives as in protection-lives.test.ts, under another rule. */
async function livesUnder(change: Change): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'ostinato-mutant-'));
  changed.now = change;
  try {
    return await playLives(folder, 8, 500, { seed: 1, endOnFailure: true });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const mutants: readonly (readonly [name: string, change: Change])[] = [
  [
    'a second vector is allowed',
    {
      judgeVector: (...given) => {
        const verdict = judgeVector(...given);
        return verdict === 'conflict' ? 'same' : verdict;
      },
    },
  ],
  [
    'a sealed period is open to what is known',
    {
      judgeVector: (record, ...given) =>
        judgeVector(record === null ? null : { vectors: record.vectors.slice(0, 1), sealed: false }, ...given),
    },
  ],
  [
    'the beginning of the history is not looked at',
    { judgeVector: (record, _from, ...given) => judgeVector(record, 0, ...given) },
  ],
  ['a merge keeps what was there', { mergeRecords: (a, b) => (a.vectors.length > 0 ? a : b) }],
  ['a merge takes what comes', { mergeRecords: (_a, b) => b }],
  ['a merge forgets that something is unknown', { mergeRecords: (a, b) => ({ ...mergeRecords(a, b), sealed: false }) }],
];

describe('the lives of a validator find a contradiction where', () => {
  test('nothing was changed: none', async () => {
    expect(await livesUnder({})).toBeGreaterThan(100);
  }, 120_000);

  test.each(mutants)(
    '%s',
    async (_name, change) => {
      await expect(livesUnder(change)).rejects.toThrow(/Property failed/);
    },
    120_000,
  );
});
