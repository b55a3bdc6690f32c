import type { RowSelection } from './batches.ts';
import type { ModelRecord } from './cycle-record.ts';
import type { Schedule } from './phases.ts';
import type { ScoreRule } from './scoring/rule.ts';
import type { Blocks, Hex, Hotkey, Milliseconds, Netuid } from './units.ts';
import type { WeightsRules } from './weights-rules.ts';

/**
 * What a cycle goes by, read once at its start from the deployment's configuration and ledger and recorded in its
 * history: a configuration that changes in the middle of a cycle takes effect with the next one.
 */
export interface CyclePlan {
  readonly genesis: Hex;
  readonly netuid: Netuid;
  readonly hotkey: Hotkey;
  readonly schedule: Schedule;
  readonly cycle: number;
  /** What the record has to say of the schedule: that it changed, or that its service is away. */
  readonly scheduleNotes: readonly string[];
  /** Cycles since the last one in the ledger that nobody worked on; each is recorded as missed. */
  readonly skipped: readonly number[];
  /** Why the cycle at hand cannot be joined any more, where that is so; it is then among `skipped`. */
  readonly head: Blocks;
  /** The chain's nominal block time: for estimates only, the chain is asked before anything is decided. */
  readonly blockTimeMs: Milliseconds;
  readonly groups: number;
  /** Held-out rows that every submission of a group is judged on. */
  readonly evalRows: number;
  readonly evalSelection: RowSelection;
  readonly evalBatchSize: number;
  readonly scoreRule: ScoreRule;
  readonly outer: { readonly learningRate: number; readonly momentum: number };
  /** Validators that a step needs, oneself included; null: 1 without peers, else 2. */
  readonly minimumContributors: number | null;
  /** How long validators are waited for to agree on scores. */
  readonly consensusTimeoutMs: number;
  readonly seedSource: 'validator_commits' | 'block_hash';
  /** A seed given by configuration, for tests that have to repeat a run exactly. */
  readonly fixedSeed: number | null;
  readonly weightsVersionKey: string;
  readonly weights: WeightsRules;
  /** The group that the validator's own commitments name. */
  readonly expertGroup: number;
  readonly model: ModelRecord;
  /**
   * Files of the model that are not on this machine any more, where there are such: another validator has to have them.
   */
  readonly modelFilesMissing?: number;
}

/** Small enough to be typed by hand: `temporal workflow start --input`. */
export interface CycleInput {
  readonly chain: string;
  readonly netuid: Netuid;
  readonly hotkey: Hotkey;
  /** Stop after so many complete cycles; null or left out: never. */
  readonly cyclesLeft?: number | null;
  /** Carried from run to run: the first cycle that is not done yet. */
  readonly next?: number | null;
  /** Carried from run to run: how many cycles it has been through; the number in the originals' log. */
  readonly iteration?: number;
}

/** How a run of the CycleWorkflow ended, as the UI shows it. */
export interface CycleSummary {
  readonly cycle: number;
  readonly result: string;
  readonly submissions: number;
  readonly improved: number;
  readonly modelHash: string;
  readonly merkleRoot: string;
}
