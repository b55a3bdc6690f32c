import type { ModelRecord } from '../cycle-record.ts';
import { holdMajority } from '../peers/directory.ts';
import type { Blocks, Hotkey } from '../units.ts';
import type { PeerInMerge } from './decide.ts';

/**
 * - `merged`: the step was taken along the set's mean.
 * - `alone`: too few were in the set; no step.
 * - `nothing`: the set is large enough, and nobody in it had a submission that improved the model.
 * - `incomplete`: files of the set could not be had; no step, and the model is fetched from the majority.
 */
export type MergeResult = 'merged' | 'alone' | 'nothing' | 'incomplete';

/** How a cycle's models came together. */
export interface MergeRecord {
  readonly result: MergeResult;
  /** The block whose snapshot says who the peers are. */
  readonly directoryBlock: Blocks;
  readonly announceBy: Blocks;
  readonly vouchBy: Blocks;
  readonly minimumContributors: number;
  readonly peers: readonly PeerInMerge[];
  /** Own submissions that improved the model and yet are in no pseudo-gradient, and why. */
  readonly excluded: readonly { readonly hotkey: Hotkey; readonly reason: string }[];
  /** What the chain said at the cycle's end; null where it was not read. */
  readonly readBack: MergeReadBack | null;
}

/** The validators' committed models, read back from the chain. */
export interface MergeReadBack {
  readonly block: Blocks;
  /** The hash with the most stake behind it; null where nobody committed one. */
  readonly hash: string | null;
  readonly committed: readonly { readonly hotkey: Hotkey; readonly hash: string; readonly version: number }[];
  /** Validators that committed that hash, and how many there are. */
  readonly synced: number;
  readonly of: number;
  /** The model that was fetched because this validator's own was another; null where its own stands. */
  readonly resynced: ModelRecord | null;
}

/** What a record's own inputs say of its merge; the text of what is otherwise, or null. */
export function mergeProblem({ result, peers, minimumContributors }: MergeRecord): string | null {
  for (const { hotkey, outcome, soundFor } of peers) {
    const backers = soundFor.flatMap((place) => peers[place]?.hotkey ?? []);
    if (holdMajority(peers, backers) !== (outcome === 'merged') && outcome !== 'contradicts') {
      return `${hotkey} is ${outcome}, with ${backers.length} of ${peers.length} behind it`;
    }
  }
  const members = peers.filter(({ outcome }) => outcome === 'merged');
  const gradients = members.some((member) => member.gradients.length > 0);
  const expected = members.length < minimumContributors ? 'alone' : gradients ? 'merged' : 'nothing';
  // What never came here is not in the record either.
  return result === expected || result === 'incomplete' ? null : `${result}, where its peers make it ${expected}`;
}
