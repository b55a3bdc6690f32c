import type { Agreement } from './agreement/record.ts';
import { canonicalJson } from './canonical-json.ts';
import type { CycleRecord } from './cycle-record.ts';
import { merkleRoot } from './merkle.ts';

/**
 * A cycle's leaves: one for what concerns the cycle as a whole, then one for each batch list, score table of a
 * validator, agreed value, submission, score and weight, in the record's order. Each names its kind, so that no row can
 * stand in for one of another kind, and a miner can be shown its own rows without the others'. Every field of the
 * record is in exactly one leaf.
 */
export function cycleLeaves(record: CycleRecord): readonly string[] {
  const { batches, submissions, scores, vector, agreement, ...cycle } = record;
  const leaves = [
    { kind: 'cycle', value: cycle },
    ...batches.map((value) => ({ kind: 'batch', value })),
    ...(agreement === undefined ? [] : agreementLeaves(agreement)),
    ...submissions.map((value) => ({ kind: 'submission', value })),
    ...scores.map((value) => ({ kind: 'score', value })),
    ...vector.map((value) => ({ kind: 'weight', value })),
  ];
  return leaves.map(canonicalJson);
}

const agreementLeaves = ({ values, tables, ...agreement }: Agreement) => [
  { kind: 'agreement', value: agreement },
  ...tables.map((value) => ({ kind: 'table', value })),
  ...values.map((value) => ({ kind: 'agreed', value })),
];

/** The Merkle root (64 hex digits) that stands for a whole cycle. */
export const cycleRoot = (record: CycleRecord): string => merkleRoot(cycleLeaves(record));
