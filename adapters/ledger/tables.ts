/**
 * The ledger's tables as the query builder sees them. JSON columns are text, so that SQLite and PostgreSQL hold the
 * same bytes; floats are `double precision`, because a loss must read back as the very double that was written.
 */
export interface ProtectedPeriodTable {
  genesis: string;
  netuid: number;
  mecid: number;
  hotkey: string;
  kind: string;
  period: number;
  /** A JSON list of [uids, values]; one, unless histories that differ were merged. */
  vectors: string;
  /** 1 where something was signed that nobody knows. */
  sealed: number;
  claimed_at_ms: number;
}

/** From which period on the record knows all; a series without a row was never cut. */
export interface ProtectionStartTable {
  genesis: string;
  netuid: number;
  mecid: number;
  hotkey: string;
  kind: string;
  complete_from: number;
}

export interface ReceiptTable {
  chain: string;
  netuid: number;
  validator: string;
  cycle: number;
  hotkey: string;
  expert_group: number;
  model_hash: string;
  digest: string;
  bytes: number;
  block: number;
  received_at_block: number;
  source: string | null;
}

export interface RequestTable {
  key: string;
  block: number;
}

export interface WatermarkTable {
  name: string;
  block: number;
}

export interface CycleTable {
  id: number;
  chain: string;
  genesis: string;
  netuid: number;
  hotkey: string;
  cycle: number;
  start_block: number;
  end_block: number;
  workflow_id: string;
  run_id: string;
  result: string;
  weights_key: string | null;
  review: string | null;
  assignment: string | null;
  schedule: string;
  seed: string | null;
  score_rule: string;
  peer_weights: string | null;
  agreement: string | null;
  model_before: string;
  model_after: string;
  held_out: string | null;
  notes: string;
  root: string;
  stored_at_ms: number;
  merge: string | null;
}

export interface CycleSubmissionTable {
  cycle_id: number;
  position: number;
  hotkey: string;
  uid: number;
  expert_group: number;
  outcome: string;
  reason: string | null;
  detail: string | null;
  model_hash: string | null;
  digest: string | null;
  bytes: number | null;
  commit_block: number | null;
  commit_index: number | null;
  loss_before: number | null;
  loss_after: number | null;
  w: number | null;
  workflow_id: string;
  sketch: string | null;
  copy_of: string | null;
}

export interface CycleScoreTable {
  cycle_id: number;
  position: number;
  hotkey: string;
  uid: number;
  score_before: number | null;
  observation: number | null;
  score_after: number;
}

export interface CycleWeightTable {
  cycle_id: number;
  position: number;
  hotkey: string;
  weight: number;
}

export interface CycleBatchTable {
  cycle_id: number;
  position: number;
  expert_group: number;
  row_numbers: string;
  batch_size: number;
}

export interface ChainWriteTable {
  key: string;
  chain: string;
  hotkey: string;
  kind: string;
  request: string;
  outcome: string | null;
  extrinsic_hash: string | null;
  block: number | null;
  updated_at_ms: number;
}

export interface PreparedTable {
  hash: string;
  key: string;
  nonce: number;
  era_birth: number;
  era_period: number;
  bytes_hex: string;
  prepared_at_ms: number;
}

export interface PresenceTable {
  role: string;
  from_block: number;
  to_block: number;
}

export interface PeerMessageTable {
  netuid: number;
  cycle: number;
  purpose: string;
  sender: string;
  /** SHA-256 of the body. */
  digest: string;
  genesis: string;
  recipient: string;
  block: number;
  body: string;
  signature: string;
  received_at_block: number;
}

export interface LedgerTables {
  protected_period: ProtectedPeriodTable;
  protection_start: ProtectionStartTable;
  receipt: ReceiptTable;
  request: RequestTable;
  watermark: WatermarkTable;
  cycle: CycleTable;
  cycle_submission: CycleSubmissionTable;
  cycle_score: CycleScoreTable;
  cycle_weight: CycleWeightTable;
  cycle_batch: CycleBatchTable;
  chain_write: ChainWriteTable;
  prepared: PreparedTable;
  presence: PresenceTable;
  peer_message: PeerMessageTable;
}
