import { type ArtifactLocation, artifactLocation } from './artifact-location.ts';
import type { Assignment } from './assignment.ts';
import type { ChainCommitment } from './chain.ts';
import type { CommitPayload } from './commit-payload.ts';
import type { CycleCommitments } from './cycle-assignment.ts';
import type { CycleRecord } from './cycle-record.ts';
import type { PeerWeights } from './scoring/cohort.ts';
import type { Blocks, Hotkey, Uid } from './units.ts';

/** A neuron as far as scores need it. */
export interface Seat {
  readonly hotkey: Hotkey;
  readonly uid: Uid;
}

/** Who sits where, of the neurons of a snapshot. */
export const seatsOf = (neurons: readonly Seat[]): readonly Seat[] =>
  neurons.map(({ hotkey, uid }) => ({ hotkey, uid }));

/** A miner that committed in this cycle, as the chain said when the roster was frozen. */
export interface RosterEntry extends Seat {
  readonly group: number;
  /** Null where the miner's own commitments are of no use; `fault` says why. */
  readonly modelHash: string | null;
  readonly version: number;
  /** Where the commitment says that the file lies. */
  readonly artifact: ArtifactLocation;
  readonly commitBlock: Blocks;
  readonly commitIndex: number | null;
  readonly fault: { readonly reason: RosterFault; readonly detail: string } | null;
}

export type RosterFault = 'malformed_commit' | 'no_hash' | 'no_signature' | 'bad_signature' | 'unknown_group';

/**
 * Everything that a cycle decides on, read once and recorded: later steps never ask the chain again who takes part,
 * so that a hotkey that changes hands in the middle cannot blame or enrich anybody else.
 */
export interface Roster {
  readonly seats: readonly Seat[];
  /** Null where nobody's commitments could be read. */
  readonly seed: CycleRecord['seed'];
  readonly entries: readonly RosterEntry[];
  /** Whose file each validator judges first and has in its pseudo-gradient. */
  readonly assignment: readonly Assignment<Hotkey>[];
  /** The hotkeys of `entries` that this validator judges first. */
  readonly assigned: readonly Hotkey[];
  readonly batches: CycleRecord['batches'];
  /** What the validators' own weights on chain said at the roster's block. */
  readonly peerWeights: readonly PeerWeights[];
}

/**
 * What freezing comes to. A chain keeps old states for a while only: where neither an endpoint nor an archive has them
 * any more, nobody can tell who committed what, which is no miner's fault.
 */
export type FrozenRoster =
  | { readonly kind: 'ok'; readonly value: Roster }
  | {
      readonly kind: 'unknown';
      readonly reason: 'state_pruned';
      readonly detail: string;
      /** Who is registered now. */
      readonly seats: readonly Seat[];
    };

/** The roster of a cycle whose commitments are unknown: nobody is judged. */
export const unreadRoster = (seats: readonly Seat[]): Roster => ({
  seats,
  seed: null,
  entries: [],
  assignment: [],
  assigned: [],
  batches: [],
  peerWeights: [],
});

/** A commitment with its payload read. */
export interface ReadCommitment {
  readonly commitment: ChainCommitment;
  readonly payload: CommitPayload;
}

interface JoinInput extends Omit<CycleCommitments, 'lastCommitHash'> {
  readonly validator: Hotkey;
  readonly groups: number;
  /** Checks a commit's signature: sr25519 over the hash's hex text. */
  readonly verify: (modelHash: string, signature: string, hotkey: Hotkey) => boolean;
}

/**
 * Joins the two halves of the miners' commit–reveal by hotkey.
 *
 * Strangers (a commitment outlives its neuron) and the validators' own commits are left out. Whoever made only one
 * half, or halves that do not fit, is that hotkey's own outcome and nobody else's.
 */
export function joinCommitments(input: JoinInput): readonly Omit<RosterEntry, 'commitIndex'>[] {
  const signatures = byHotkey(input.first, input.firstPhaseStart);
  const hashes = byHotkey(input.second, input.secondPhaseStart);
  const entries: Omit<RosterEntry, 'commitIndex'>[] = [];
  for (const neuron of input.snapshot.neurons) {
    if (neuron.hotkey === input.validator) continue;
    const first = signatures.get(neuron.hotkey);
    const second = hashes.get(neuron.hotkey);
    // A validator's heartbeat in the first phase says what it is; only its seed matters here.
    if (first?.payload.kind === 'heartbeat') continue;
    const any = second ?? first;
    if (any === undefined) continue;
    const location = second?.payload.kind === 'hash' ? second.payload.location : null;
    const artifact = artifactLocation(location, neuron.axon);
    const seat = { hotkey: neuron.hotkey, uid: neuron.uid, artifact, commitBlock: any.commitment.block };
    entries.push({ ...seat, ...judgeHalves(first, second, neuron.hotkey, input) });
  }
  return entries;
}

type Halves = Pick<RosterEntry, 'group' | 'modelHash' | 'version' | 'fault'>;

function judgeHalves(
  first: ReadCommitment | undefined,
  second: ReadCommitment | undefined,
  hotkey: Hotkey,
  input: JoinInput,
): Halves {
  const refuse = (reason: RosterFault, detail: string): Halves => ({
    group: second?.payload.kind === 'hash' ? second.payload.group : -1,
    modelHash: null,
    version: 0,
    fault: { reason, detail },
  });
  if (second === undefined) return refuse('no_hash', 'no commitment of its own in MinerCommit2');
  // Sent upon the last block of MinerCommit1, it lies in the first one of MinerCommit2.
  if (second.payload.kind === 'signature') return refuse('no_hash', 'its signature still stands where a hash belongs');
  if (second.payload.kind !== 'hash') return refuse('malformed_commit', 'MinerCommit2 holds no model hash');
  if (first?.payload.kind !== 'signature') return refuse('no_signature', 'MinerCommit1 holds no signature');
  const { modelHash, group, version } = second.payload;
  if (group < 0 || group >= input.groups) return refuse('unknown_group', `expert group ${group} does not exist`);
  if (!input.verify(modelHash, first.payload.signature, hotkey)) {
    return refuse('bad_signature', 'the signature of MinerCommit1 is not over the hash of MinerCommit2');
  }
  return { group, modelHash, version, fault: null };
}

const byHotkey = (list: readonly ReadCommitment[], since: Blocks): ReadonlyMap<Hotkey, ReadCommitment> =>
  new Map(list.filter(({ commitment }) => commitment.block >= since).map((read) => [read.commitment.hotkey, read]));
