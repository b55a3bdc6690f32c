import { describe, expect, test } from '@jest/globals';
import type { AgreementSummary, TableOutcome } from '../../../domain/agreement/record.ts';
import { agreementText, peerText, stakeShare } from '../../../domain/agreement/words.ts';
import { blocks } from '../../../domain/units.ts';
import { minerHotkey } from '../cycle-fixture.ts';
import { validatorHotkey } from './tables.ts';

const peer = (number: number, outcome: TableOutcome, detail: string | null = null) => ({
  hotkey: validatorHotkey(number),
  stakeRao: '1',
  outcome,
  detail,
  digest: null,
});
const agreement: AgreementSummary = {
  full: true,
  result: 'agreed',
  directoryBlock: blocks(54),
  digestsBy: blocks(57),
  tablesBy: blocks(61),
  heardRao: '2',
  totalRao: '3',
  peers: [peer(0, 'agreed'), peer(1, 'differs'), peer(2, 'absent'), peer(7, 'stranger')],
  values: [{ hotkey: minerHotkey(1), w: 0.5, lossBefore: 4, voters: 2, stakeRao: '2' }],
  contested: [],
};

describe('an agreement in words', () => {
  test.each<readonly [string, Partial<AgreementSummary>]>([
    ['Agreed on the scores of 1 miners: 2 of 3 validators, 66.6 % of the stake', {}],
    [
      'Agreed on the scores of 1 miners: 2 of 3 validators, 66.6 % of the stake; 1 contested, their own values stand',
      { contested: [minerHotkey(2)] },
    ],
    [
      'Heard the scores of 1 of 3 validators, 33.3 % of the stake, less than half: publishing own values',
      { result: 'alone', heardRao: '1', peers: [peer(0, 'agreed'), peer(1, 'late'), peer(2, 'absent')], values: [] },
    ],
    [
      'Abstained, so there is nothing to agree on; heard the scores of 2 of 3 validators, 66.6 % of the stake',
      { result: 'abstained', values: [] },
    ],
  ])('is "%s"', (text, changes) => {
    expect(agreementText({ ...agreement, ...changes })).toBe(text);
  });

  test('names what became of a table', () => {
    expect(peerText(peer(1, 'bad_table', 'it is no table of scores'))).toBe(
      'The scores of validator 5V01: bad table, it is no table of scores',
    );
    expect(peerText(peer(2, 'no_digest'))).toBe('The scores of validator 5V02: no digest');
  });

  test('counts stake that no double holds exactly, and none at all', () => {
    expect(stakeShare('21000000000000000000001', '42000000000000000000002')).toBe('50.0 %');
    expect(stakeShare('0', '0')).toBe('0.0 %');
  });
});
