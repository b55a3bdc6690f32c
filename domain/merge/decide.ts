import { byHotkey } from '../order.ts';
import { holdMajority, type Peer } from '../peers/directory.ts';
import type { Hotkey } from '../units.ts';
import type { Announcement, GradientRef, SeenAnnouncement, Verdict } from './messages.ts';

/** An announcement that is here, signed by its author. */
export interface HeldAnnouncement extends Announcement {
  readonly hotkey: Hotkey;
  /** SHA-256 of its body. */
  readonly digest: string;
  /** Whether it came by the deadline. */
  readonly inTime: boolean;
}

/** Why a pseudo-gradient is refused. */
export type GradientFault = 'nan' | 'magnitude' | 'shape' | 'dtype' | 'digest' | 'file';

/** What this validator found of an announcement. */
export interface Check {
  readonly digest: string;
  readonly verdict: Verdict;
  readonly reason: GradientFault | null;
  readonly detail: string | null;
}

/** A list that came by the deadline. */
export interface HeldVouch {
  readonly hotkey: Hotkey;
  readonly seen: readonly SeenAnnouncement[];
}

/**
 * - `merged`: in the set, and so in the model.
 * - `late`: announced after the deadline. `absent`: announced nothing. `other_base`: started from another model.
 * - `malformed`: what it announced is no pseudo-gradient of this model. `unavailable`: nobody gave it out.
 * - `contradicts`: announced two different things.
 * - `unvouched`: sound here, but not held by enough stake.
 */
export type MergeOutcome =
  | 'merged'
  | 'late'
  | 'absent'
  | 'malformed'
  | 'unavailable'
  | 'other_base'
  | 'contradicts'
  | 'unvouched';

export interface PeerInMerge {
  readonly hotkey: Hotkey;
  readonly stakeRao: string;
  readonly outcome: MergeOutcome;
  /** Of `malformed`: why. */
  readonly reason: GradientFault | null;
  readonly detail: string | null;
  /** SHA-256 of the announcement that counts, or of the first one that there is. */
  readonly announcement: string | null;
  readonly gradients: readonly GradientRef[];
  /** Who found it sound, by their places in the list of peers. */
  readonly soundFor: readonly number[];
}

export interface MergeDecision {
  /** All peers, in order of hotkeys. */
  readonly peers: readonly PeerInMerge[];
  /** Whose pseudo-gradients are averaged; in order of hotkeys. */
  readonly members: readonly { readonly hotkey: Hotkey; readonly gradients: readonly GradientRef[] }[];
  /** Who is in the set by the others' lists, with an announcement that never came here: the set is not known whole. */
  readonly unheard: readonly Hotkey[];
}

interface DecideInput {
  readonly peers: readonly Pick<Peer, 'hotkey' | 'stakeRao'>[];
  readonly announcements: readonly HeldAnnouncement[];
  readonly vouches: readonly HeldVouch[];
  /** This validator's own findings; they explain, and decide nothing. */
  readonly checks: readonly Check[];
}

/**
 * Who is merged. It follows from the lists that came in time and from nothing that only one validator knows: an
 * announcement is in the set when validators with more than half of the stake hold it and found it sound, and when no
 * list names a second announcement of its author. Whoever sent two different lists has said nothing.
 */
export function decideMerge({ peers: unsorted, announcements, vouches, checks }: DecideInput): MergeDecision {
  const peers = unsorted.toSorted(byHotkey);
  const lists = peers.flatMap(({ hotkey }, place) => {
    const [list, second] = vouches.filter((each) => each.hotkey === hotkey);
    return list === undefined || second !== undefined ? [] : [{ place, seen: list.seen }];
  });
  const rows = peers.map(({ hotkey, stakeRao }): PeerInMerge => {
    const held = announcements.filter((each) => each.hotkey === hotkey);
    // A name alone shows nothing: only what its author signed can speak against it.
    const named = held.filter(({ digest }) => lists.some(({ seen }) => names(seen, hotkey, digest) !== null));
    const [only, second] = named;
    const soundFor =
      only === undefined
        ? []
        : lists.flatMap(({ place, seen }) => (names(seen, hotkey, only.digest) === 'sound' ? [place] : []));
    const vouched = holdMajority(
      peers,
      soundFor.flatMap((place) => peers[place]?.hotkey ?? []),
    );
    const shown = only ?? held.find(({ inTime }) => inTime) ?? held[0];
    const common = {
      hotkey,
      stakeRao,
      reason: null,
      detail: null,
      announcement: shown?.digest ?? null,
      gradients: shown?.gradients ?? [],
      soundFor,
    };
    if (second !== undefined)
      return { ...common, outcome: 'contradicts', detail: `it also announced ${second.digest}` };
    if (vouched) return { ...common, outcome: 'merged' };
    return { ...common, ...explain(held, checks) };
  });
  const isUnheard = ({ hotkey, outcome, announcement }: PeerInMerge): boolean => {
    if (outcome === 'merged' || outcome === 'contradicts') return false;
    const digests = lists.flatMap(({ seen }) => seen.filter((each) => each.hotkey === hotkey));
    return digests.some(
      ({ announcement: digest }) =>
        digest !== announcement &&
        holdMajority(
          peers,
          lists.flatMap(({ place, seen }) =>
            names(seen, hotkey, digest) === 'sound' ? [peers[place]?.hotkey ?? hotkey] : [],
          ),
        ),
    );
  };
  return {
    peers: rows,
    members: rows.filter(({ outcome }) => outcome === 'merged').map(({ hotkey, gradients }) => ({ hotkey, gradients })),
    unheard: rows.filter(isUnheard).map(({ hotkey }) => hotkey),
  };
}

/** What a list says of an announcement; null where it does not name it. */
const names = (seen: readonly SeenAnnouncement[], hotkey: Hotkey, digest: string): Verdict | null =>
  seen.find((each) => each.hotkey === hotkey && each.announcement === digest)?.verdict ?? null;

/** Why somebody is not in the set, as far as this validator can tell. */
function explain(
  held: readonly HeldAnnouncement[],
  checks: readonly Check[],
): Pick<PeerInMerge, 'outcome' | 'reason' | 'detail'> {
  const nothing = { reason: null, detail: null };
  const inTime = held.filter((each) => each.inTime);
  if (held.length === 0) return { ...nothing, outcome: 'absent' };
  if (inTime.length === 0) return { ...nothing, outcome: 'late' };
  if (inTime.length > 1) return { ...nothing, outcome: 'contradicts' };
  const check = checks.find(({ digest }) => digest === inTime[0]?.digest);
  if (check === undefined || check.verdict === 'sound') return { ...nothing, outcome: 'unvouched' };
  return { outcome: check.verdict, reason: check.reason, detail: check.detail };
}

/** The least number of members of a step: as configured, else 1 for a validator without peers and 2 for all others. */
export const minimumContributors = (configured: number | null, peers: number): number =>
  configured ?? (peers === 1 ? 1 : 2);
