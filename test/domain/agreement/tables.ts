import type { HeldMessage } from '../../../domain/agreement/decide.ts';
import { digestBody, type ScoreTable, tableBody, tableOf } from '../../../domain/agreement/table.ts';
import type { SubmissionRecord } from '../../../domain/cycle-record.ts';
import { bodyDigest } from '../../../domain/peers/message.ts';
import { blocks, hotkey } from '../../../domain/units.ts';
import { submission } from '../cycle-fixture.ts';

export const digestsBy = blocks(57);
export const tablesBy = blocks(61);

export const validatorHotkey = (number: number) => hotkey(`5V${String(number).padStart(2, '0')}`);

/** A verdict by which miner `number` has this w, of a base loss of 4. */
export const verdict = (number: number, w: number): SubmissionRecord =>
  submission(number, { digest: String(number).padStart(64, 'd'), lossBefore: 4, lossAfter: 4 - 4 * w });

export const noOpinion = (number: number): SubmissionRecord =>
  submission(number, { outcome: 'our_fault', reason: 'evaluator', digest: null, lossBefore: null, lossAfter: null });

export const table = (number: number, rows: readonly SubmissionRecord[], abstains = false): ScoreTable =>
  tableOf(rows, { by: validatorHotkey(number), salt: String(number).padStart(32, '0'), abstains });

/** What a validator says, as it is held here: by default both in time. */
export interface Said {
  readonly table: ScoreTable;
  readonly digestAt?: number | null;
  readonly tableAt?: number | null;
  /** Of what it announces, in place of its table. */
  readonly announces?: string;
}

export function heldOf(number: number, { table: said, digestAt = 56, tableAt = 58, announces }: Said) {
  const from = validatorHotkey(number);
  const body = tableBody(said);
  const held = (text: string, at: number | null): readonly HeldMessage[] =>
    at === null ? [] : [{ from, body: text, receivedAtBlock: blocks(at) }];
  return {
    digests: held(announces ?? digestBody(bodyDigest(body)), digestAt),
    tables: held(body, tableAt),
  };
}
