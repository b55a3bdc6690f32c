import { cycleLeaves } from './cycle-leaves.ts';
import type { CycleRecord, ScoreRecord, SubmissionRecord } from './cycle-record.ts';
import { type MerkleProof, merkleProof, verifyProof } from './merkle.ts';
import { everybody, type PeerMessage, readPeerMessage, type SignedPeerMessage } from './peers/message.ts';
import { cycleIndex } from './phases.ts';
import { type Fields, fieldsOf, isDigest, parseJson } from './read-value.ts';
import type { Hotkey } from './units.ts';

/** The body of the message in which a validator signs the root of a cycle's record. */
export const rootBody = (root: string): string => JSON.stringify({ root });

/** What a validator signs of a finished cycle, which the miners that read it may count otherwise than it does. */
export const rootMessage = (
  { genesis, netuid, schedule, cycle, hotkey: from, endBlock: block }: CycleRecord,
  root: string,
): PeerMessage => ({
  purpose: 'cycle-root',
  genesis,
  netuid,
  cycle: cycleIndex(schedule, cycle),
  from,
  to: everybody,
  block,
  body: rootBody(root),
});

/** One row of a cycle's record, with what ties it to the record's root. */
export interface ProvenLeaf {
  /** Canonical JSON, as it was hashed. */
  readonly leaf: string;
  readonly proof: MerkleProof;
}

/** What a validator shows a miner of one cycle: its own rows, under a root that the validator signed. */
export interface ShownVerdict {
  readonly root: SignedPeerMessage;
  /** How its submission ended; null where it had none. */
  readonly submission: ProvenLeaf | null;
  /** What became of its score; null where it has none. */
  readonly score: ProvenLeaf | null;
}

/** A verdict whose signature and proofs hold. */
export interface Verdict {
  readonly cycle: number;
  /** The root that the validator signed, 64 hex digits. */
  readonly root: string;
  readonly submission: Pick<
    SubmissionRecord,
    'hotkey' | 'outcome' | 'reason' | 'detail' | 'modelHash' | 'lossBefore' | 'lossAfter' | 'w'
  > | null;
  readonly score: Pick<ScoreRecord, 'hotkey' | 'before' | 'observation' | 'after'> | null;
}

/** Shows a miner its rows of a record. */
export function showVerdict(record: CycleRecord, root: SignedPeerMessage, hotkey: Hotkey): ShownVerdict {
  const leaves = cycleLeaves(record);
  const leafOf = (kind: 'submission' | 'score'): ProvenLeaf | null => {
    const index = leaves.findIndex((leaf) => {
      const read = readLeaf(leaf, kind);
      return read !== null && read['hotkey'] === hotkey;
    });
    const leaf = leaves[index];
    return leaf === undefined ? null : { leaf, proof: merkleProof(leaves, index) };
  };
  return { root, submission: leafOf('submission'), score: leafOf('score') };
}

export interface VerdictAsked {
  readonly validator: Hotkey;
  readonly genesis: string;
  readonly netuid: number;
  /** The originals' index, as in every message between parties. */
  readonly cycle: number;
  readonly hotkey: Hotkey;
  /** Whether the message's signature is its author's. */
  readonly authentic: (message: SignedPeerMessage) => boolean;
}

/**
 * Checks what a validator showed: the signature, that it is about this very cycle, and that the rows are this miner's
 * and lie under the signed root. Text where anything does not hold; nothing of a stranger's answer is an error here.
 */
export function checkVerdict(value: unknown, asked: VerdictAsked): Verdict | string {
  const shown = fieldsOf(value);
  const message = readPeerMessage(shown['root']);
  if (typeof message === 'string') return `the root is no signed message: ${message}`;
  const { validator, genesis, netuid, cycle, hotkey } = asked;
  const about = message.purpose === 'cycle-root' && message.from === validator && message.cycle === cycle;
  if (!about || message.genesis !== genesis || message.netuid !== netuid) return 'the root is that of something else';
  if (!asked.authentic(message)) return 'the signature of the root does not hold';
  const root = rootOf(message.body);
  if (root === null) return 'the signed body has no root';
  const rows: { submission: Fields | null; score: Fields | null } = { submission: null, score: null };
  for (const kind of ['submission', 'score'] as const) {
    if (shown[kind] === null || shown[kind] === undefined) continue;
    const { leaf, proof } = fieldsOf(shown[kind]);
    if (typeof leaf !== 'string' || !verifyProof(root, leaf, proofOf(proof)))
      return `its ${kind} is not under the root`;
    const row = readLeaf(leaf, kind);
    if (row === null || row['hotkey'] !== hotkey) return `its ${kind} is somebody else's`;
    rows[kind] = row;
  }
  return { cycle, root, submission: submissionOf(rows.submission, hotkey), score: scoreOf(rows.score, hotkey) };
}

const textIn = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const numberIn = (value: unknown): number | null => (typeof value === 'number' ? value : null);

function readLeaf(leaf: string, kind: 'submission' | 'score'): Fields | null {
  const { kind: found, value } = fieldsOf(parseJson(leaf));
  return found === kind ? fieldsOf(value) : null;
}

function rootOf(body: string): string | null {
  const { root } = fieldsOf(parseJson(body));
  return isDigest(root) ? root : null;
}

function proofOf(value: unknown): MerkleProof {
  const { index, count, path } = fieldsOf(value);
  return {
    index: Number(index),
    count: Number(count),
    path: Array.isArray(path) ? path.map(String) : [],
  };
}

const outcomes = ['ok', 'miner_fault', 'our_fault', 'unknown'] as const;

function submissionOf(row: Fields | null, hotkey: Hotkey): Verdict['submission'] {
  if (row === null) return null;
  return {
    hotkey,
    outcome: outcomes.find((each) => each === row['outcome']) ?? 'unknown',
    reason: textIn(row['reason']),
    detail: textIn(row['detail']),
    modelHash: textIn(row['modelHash']),
    lossBefore: numberIn(row['lossBefore']),
    lossAfter: numberIn(row['lossAfter']),
    w: numberIn(row['w']),
  };
}

function scoreOf(row: Fields | null, hotkey: Hotkey): Verdict['score'] {
  if (row === null) return null;
  const { before, observation, after } = row;
  return { hotkey, before: numberIn(before), observation: numberIn(observation), after: numberIn(after) ?? 0 };
}
