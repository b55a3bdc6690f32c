import type { ChainCall } from '../../domain/chain-write.ts';
import type { CyclePlan } from '../../domain/cycle-plan.ts';
import type { CycleRecord, ModelRecord } from '../../domain/cycle-record.ts';
import type { WeightsFacts } from '../../domain/guardrails.ts';
import type { SignedPeerMessage } from '../../domain/peers/message.ts';
import type { FrozenRoster } from '../../domain/roster.ts';
import type { ScoreState } from '../../domain/scoring/past.ts';
import type { ScoreRule } from '../../domain/scoring/rule.ts';
import type { Blocks, Hotkey, Netuid } from '../../domain/units.ts';

/** What the validator's process does for a cycle. One verb each; every one of them may be repeated. */
export interface CycleActivities {
  /** Reads configuration, ledger and head: which cycle, by which rules, from which model. */
  planCycle(input: { readonly next: number | null }): Promise<CyclePlan>;
  /** Draws the validator's seed, which must not be predictable and so cannot come from workflow code. */
  drawSeed(input: { readonly fixed: number | null }): Promise<number>;
  /** Reads and joins the cycle's commitments and picks the rows to judge on. */
  freezeRoster(input: FreezeInput): Promise<FrozenRoster>;
  /** What a rule knows of the ledger's cycles that began before a block. */
  scoreState(input: {
    readonly netuid: Netuid;
    readonly hotkey: Hotkey;
    readonly rule: ScoreRule;
    readonly before: Blocks;
  }): Promise<ScoreState>;
  /** What chain and ledger say about a vector before it goes out, at one block. */
  readWeightsFacts(input: {
    readonly netuid: Netuid;
    readonly hotkey: Hotkey;
    readonly mecid: number;
  }): Promise<WeightsFacts>;
  /** Keeps what would have been sent, in the mode that sends nothing. */
  recordWithheld(input: { readonly key: string; readonly call: ChainCall }): Promise<void>;
  /** Mean loss of a model over all groups' rows of this cycle. */
  evaluateModel(input: {
    readonly model: ModelRecord;
    readonly batches: CycleRecord['batches'];
  }): Promise<{ readonly mean: number }>;
  /** Makes the model the one that the model server serves. */
  publishModel(input: { readonly model: ModelRecord }): Promise<void>;
  /** Stores the finished cycle in one transaction. */
  finishCycle(input: { readonly record: CycleRecord }): Promise<{ readonly merkleRoot: string }>;
  /** Keeps the signed root of a finished cycle, under which the model server shows verdicts to miners. */
  keepRoot(input: { readonly message: SignedPeerMessage }): Promise<void>;
}

export interface FreezeInput {
  readonly plan: CyclePlan;
}
