import type { CycleRecord, ScoreRecord, SubmissionRecord } from '../cycle-record.ts';
import type { ScoreState } from '../scoring/past.ts';
import type { Hotkey } from '../units.ts';

/** One step of the way to a score, in plain words, with what it can be looked up by. */
export interface Step {
  readonly step: 'cycle' | 'commitment' | 'file' | 'losses' | 'verdict' | 'agreement' | 'score' | 'weight' | 'where';
  readonly text: string;
  readonly refs: Readonly<Record<string, string | number | readonly number[] | null>>;
}

/** What became of the vector on chain; null where nothing was asked, or nothing is known. */
export interface VectorWrite {
  readonly outcome: string;
  readonly block: number | null;
  readonly extrinsicHash: string | null;
}

export interface ExplainInput {
  readonly record: CycleRecord;
  /** The cycle's Merkle root. */
  readonly root: string;
  readonly hotkey: Hotkey;
  /** What the record's rule knows of the past. */
  readonly state: ScoreState;
  readonly write: VectorWrite | null;
}

export interface Explanation {
  /** Whether the record says anything of this hotkey. */
  readonly found: boolean;
  readonly hotkey: Hotkey;
  readonly cycle: number;
  readonly validator: Hotkey;
  /** One sentence that answers the question. */
  readonly answer: string;
  readonly steps: readonly Step[];
}

/** What the steps are told of: the input, and the miner's own rows. */
export interface Subject extends ExplainInput {
  readonly submission: SubmissionRecord | null;
  readonly score: ScoreRecord | null;
}

/** A number as people read it: at most six digits behind the point, without trailing zeros. */
export const plain = (value: number): string => String(Number(value.toFixed(6)));

export const percent = (share: number): string => `${Number((share * 100).toFixed(2))} %`;
