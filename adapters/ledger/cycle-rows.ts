import type { Insertable, Selectable } from 'kysely';
import type { Agreement } from '../../domain/agreement/record.ts';
import type { HotkeyWeight } from '../../domain/chain-write.ts';
import type { CopyOf, CycleRecord, CycleResult, ScoreRecord, SubmissionRecord } from '../../domain/cycle-record.ts';
import type { MergeRecord } from '../../domain/merge/record.ts';
import type { OutcomeKind } from '../../domain/outcome.ts';
import type { PeerWeights } from '../../domain/scoring/cohort.ts';
import { blocks, type Hex, hotkey, netuid, uid } from '../../domain/units.ts';
import type { WeightsReview } from '../../domain/weights-review.ts';
import type { CycleBatchTable, CycleScoreTable, CycleSubmissionTable, CycleTable, CycleWeightTable } from './tables.ts';

/**
 * Between a cycle's record and its rows. What comes back is taken at its word here, because the reader computes the
 * Merkle root anew and refuses a record that does not give the stored one.
 */
export const cycleColumns = (record: CycleRecord): Omit<Insertable<CycleTable>, 'id' | 'root' | 'stored_at_ms'> => ({
  chain: record.chain,
  genesis: record.genesis,
  netuid: record.netuid,
  hotkey: record.hotkey,
  cycle: record.cycle,
  start_block: record.startBlock,
  end_block: record.endBlock,
  workflow_id: record.workflowId,
  run_id: record.runId,
  result: record.result,
  weights_key: record.weightsKey,
  review: record.review === undefined ? null : JSON.stringify(record.review),
  assignment: record.assignment === undefined ? null : JSON.stringify(record.assignment),
  schedule: JSON.stringify(record.schedule),
  seed: record.seed === null ? null : JSON.stringify(record.seed),
  score_rule: JSON.stringify(record.scoreRule),
  peer_weights: record.peerWeights === undefined ? null : JSON.stringify(record.peerWeights),
  merge: record.merge === undefined ? null : JSON.stringify(record.merge),
  agreement: record.agreement === undefined ? null : JSON.stringify(record.agreement),
  model_before: JSON.stringify(record.modelBefore),
  model_after: JSON.stringify(record.modelAfter),
  held_out: record.heldOut === null ? null : JSON.stringify(record.heldOut),
  notes: JSON.stringify(record.notes),
});

export const submissionColumns = (
  cycleId: number,
  position: number,
  row: SubmissionRecord,
): Insertable<CycleSubmissionTable> => ({
  cycle_id: cycleId,
  position,
  hotkey: row.hotkey,
  uid: row.uid,
  expert_group: row.group,
  outcome: row.outcome,
  reason: row.reason,
  detail: row.detail,
  model_hash: row.modelHash,
  digest: row.digest,
  bytes: row.bytes,
  commit_block: row.commitBlock,
  commit_index: row.commitIndex,
  loss_before: row.lossBefore,
  loss_after: row.lossAfter,
  w: row.w,
  workflow_id: row.workflowId,
  sketch: row.sketch ?? null,
  copy_of: row.copyOf === undefined ? null : JSON.stringify(row.copyOf),
});

export const scoreColumns = (cycleId: number, position: number, row: ScoreRecord): Insertable<CycleScoreTable> => ({
  cycle_id: cycleId,
  position,
  hotkey: row.hotkey,
  uid: row.uid,
  score_before: row.before,
  observation: row.observation,
  score_after: row.after,
});

export const weightColumns = (cycleId: number, position: number, row: HotkeyWeight): Insertable<CycleWeightTable> => ({
  cycle_id: cycleId,
  position,
  hotkey: row.hotkey,
  weight: row.weight,
});

export const batchColumns = (
  cycleId: number,
  position: number,
  row: CycleRecord['batches'][number],
): Insertable<CycleBatchTable> => ({
  cycle_id: cycleId,
  position,
  expert_group: row.group,
  row_numbers: JSON.stringify(row.rows),
  batch_size: row.batchSize,
});

export const submissionOf = (row: Selectable<CycleSubmissionTable>): SubmissionRecord => ({
  hotkey: hotkey(row.hotkey),
  uid: uid(row.uid),
  group: row.expert_group,
  outcome: row.outcome as OutcomeKind,
  reason: row.reason,
  detail: row.detail,
  modelHash: row.model_hash,
  digest: row.digest,
  bytes: row.bytes,
  commitBlock: row.commit_block === null ? null : blocks(row.commit_block),
  commitIndex: row.commit_index,
  lossBefore: row.loss_before,
  lossAfter: row.loss_after,
  w: row.w,
  workflowId: row.workflow_id,
  ...(row.sketch === null ? {} : { sketch: row.sketch }),
  ...(row.copy_of === null ? {} : { copyOf: JSON.parse(row.copy_of) as CopyOf }),
});

export const scoreOf = (row: Selectable<CycleScoreTable>): ScoreRecord => ({
  hotkey: hotkey(row.hotkey),
  uid: uid(row.uid),
  before: row.score_before,
  observation: row.observation,
  after: row.score_after,
});

export interface CycleRows {
  readonly cycle: Selectable<CycleTable>;
  /** Each in the order of its positions. */
  readonly submissions: readonly Selectable<CycleSubmissionTable>[];
  readonly scores: readonly Selectable<CycleScoreTable>[];
  readonly weights: readonly Selectable<CycleWeightTable>[];
  readonly batches: readonly Selectable<CycleBatchTable>[];
}

export const recordOf = ({ cycle, submissions, scores, weights, batches }: CycleRows): CycleRecord => ({
  chain: cycle.chain,
  genesis: cycle.genesis as Hex,
  netuid: netuid(cycle.netuid),
  hotkey: hotkey(cycle.hotkey),
  cycle: cycle.cycle,
  startBlock: blocks(cycle.start_block),
  endBlock: blocks(cycle.end_block),
  schedule: JSON.parse(cycle.schedule) as CycleRecord['schedule'],
  workflowId: cycle.workflow_id,
  runId: cycle.run_id,
  result: cycle.result as CycleResult,
  seed: cycle.seed === null ? null : (JSON.parse(cycle.seed) as CycleRecord['seed']),
  ...(cycle.assignment === null
    ? {}
    : { assignment: JSON.parse(cycle.assignment) as NonNullable<CycleRecord['assignment']> }),
  batches: batches.map((row) => ({
    group: row.expert_group,
    rows: JSON.parse(row.row_numbers) as readonly number[],
    batchSize: row.batch_size,
  })),
  submissions: submissions.map(submissionOf),
  scores: scores.map(scoreOf),
  scoreRule: JSON.parse(cycle.score_rule) as CycleRecord['scoreRule'],
  ...(cycle.peer_weights === null ? {} : { peerWeights: JSON.parse(cycle.peer_weights) as readonly PeerWeights[] }),
  ...(cycle.merge === null ? {} : { merge: JSON.parse(cycle.merge) as MergeRecord }),
  ...(cycle.agreement === null ? {} : { agreement: JSON.parse(cycle.agreement) as Agreement }),
  vector: weights.map((row) => ({ hotkey: hotkey(row.hotkey), weight: row.weight })),
  weightsKey: cycle.weights_key,
  ...(cycle.review === null ? {} : { review: JSON.parse(cycle.review) as WeightsReview }),
  modelBefore: JSON.parse(cycle.model_before) as CycleRecord['modelBefore'],
  modelAfter: JSON.parse(cycle.model_after) as CycleRecord['modelAfter'],
  heldOut: cycle.held_out === null ? null : (JSON.parse(cycle.held_out) as CycleRecord['heldOut']),
  notes: JSON.parse(cycle.notes) as CycleRecord['notes'],
});
