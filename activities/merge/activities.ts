import type { ModelRecord } from '../../domain/cycle-record.ts';
import type { Check, GradientFault, HeldAnnouncement, HeldVouch } from '../../domain/merge/decide.ts';
import type { CommittedModel } from '../../domain/merge/majority.ts';
import type { GradientRef, MergeReport } from '../../domain/merge/messages.ts';
import type { PeerAccess } from '../../domain/peers/access.ts';
import type { Peer, PeerDirectory } from '../../domain/peers/directory.ts';
import type { PeerPurpose, SignedPeerMessage } from '../../domain/peers/message.ts';
import type { Schedule } from '../../domain/phases.ts';
import type { Blocks, Hotkey } from '../../domain/units.ts';

/** What the validator's process does for a merge. `cycle` is the originals' index, which all validators share. */
export interface MergeActivities {
  /** Who the validators were at a block. */
  readPeers(input: { readonly block: Blocks }): Promise<PeerDirectory>;
  /** Makes this validator's pseudo-gradients; the same submissions give files of the same names. */
  accumulateGradients(input: AccumulateInput): Promise<OwnGradients>;
  /** Keeps an own message, so that peers can ask for it. */
  keepMessage(input: { readonly message: SignedPeerMessage }): Promise<void>;
  /** Hands an own message to peers, again and again until they have it or the head is beyond a block. */
  sayToPeers(input: SayInput): Promise<{ readonly unreached: readonly Hotkey[] }>;
  /** Waits until all of these have said something, or until the head is beyond a block. */
  awaitMessages(input: {
    readonly purpose: PeerPurpose;
    readonly cycle: number;
    readonly from: readonly Hotkey[];
    readonly until: Blocks;
  }): Promise<void>;
  /** What was announced, as this validator and its peers have it. */
  gatherAnnouncements(input: GatherInput): Promise<readonly HeldAnnouncement[]>;
  /** The lists that came in time. */
  gatherVouches(input: GatherInput): Promise<readonly HeldVouch[]>;
  /** Which model each validator says that it has. */
  gatherReports(input: GatherInput): Promise<readonly (MergeReport & { readonly hotkey: Hotkey })[]>;
  /** Fetches what somebody announced from whoever gives it out, and checks it. */
  fetchGradients(input: FetchInput): Promise<Check>;
  /** Takes the outer step along the mean of the pseudo-gradients; the same ones give the same model, bit by bit. */
  mergeGradients(input: MergeStepInput): Promise<ModelRecord>;
  /** The models that the validators committed at the end of a cycle, or of the latest one that is over and has any. */
  readCommitted(input: { readonly schedule: Schedule; readonly cycle: number | null }): Promise<CommittedModels>;
  /** Fetches a model, momentum included, and checks it against the hash on chain before anything uses it. */
  fetchModel(input: { readonly model: ModelRecord; readonly sources: readonly PeerAccess[] }): Promise<FetchedModel>;
}

export interface AccumulateInput {
  readonly model: ModelRecord;
  readonly accepted: readonly { readonly hotkey: Hotkey; readonly group: number; readonly digest: string }[];
}

export interface OwnGradients {
  readonly gradients: readonly GradientRef[];
  /** Whose submission cannot be a term of a mean. */
  readonly excluded: readonly { readonly hotkey: Hotkey; readonly reason: GradientFault; readonly detail: string }[];
}

export interface SayInput {
  readonly message: SignedPeerMessage;
  readonly peers: readonly Peer[];
  readonly until: Blocks;
}

export interface GatherInput {
  readonly cycle: number;
  /** All validators, oneself among them: nobody else has a say. */
  readonly peers: readonly Hotkey[];
  /** Whom to ask for what they have. */
  readonly sources: readonly PeerAccess[];
  /** What came later is late. */
  readonly by: Blocks;
}

export interface FetchInput {
  readonly announcement: HeldAnnouncement;
  readonly model: ModelRecord;
  /** The author first. */
  readonly sources: readonly PeerAccess[];
  /** Whoever cannot give it out now is asked again as long as the head is not beyond this block; left out, once. */
  readonly until?: Blocks;
}

export interface MergeStepInput {
  readonly model: ModelRecord;
  readonly gradients: readonly { readonly group: number; readonly digest: string }[];
  /** How many validators they are of. */
  readonly contributors: number;
  readonly outer: { readonly learningRate: number; readonly momentum: number };
  /** The block at which this cycle's MinerCommit1 began: the new model's version. */
  readonly version: Blocks;
}

export interface CommittedModels {
  readonly cycle: number;
  readonly directory: PeerDirectory;
  readonly committed: readonly CommittedModel[];
}

export type FetchedModel =
  | { readonly kind: 'fetched'; readonly model: ModelRecord }
  /** Nobody gave it out, or what was given out is another model. */
  | { readonly kind: 'failed'; readonly detail: string };
