import { assignMiners } from '../assignment.ts';
import type { CycleRecord } from '../cycle-record.ts';
import { compareText } from '../order.ts';
import type { Hotkey, Uid } from '../units.ts';

/** The largest entries of a validator's row of weights on chain, each as its share of the row. */
export interface PeerWeights {
  readonly validator: Hotkey;
  /** At most {@link keptEntries}, largest first. */
  readonly top: readonly { readonly hotkey: Hotkey; readonly uid: Uid; readonly share: number }[];
}

/** As many entries of a row as the wider of the two tallies looks at. */
export const keptEntries = 5;

const strictEntries = 3;
const strictShare = 0.03;
const cohortSize = 13;
const newcomers = 17;

/** What validators say of one miner together. */
export interface Tally {
  readonly hotkey: Hotkey;
  readonly uid: Uid;
  /** Sum of its shares. */
  readonly total: number;
  /** Validators that have it among their largest entries. */
  readonly count: number;
  /** Its largest share in one row. */
  readonly most: number;
}

/**
 * A row of weights cut to its largest entries, as shares of the whole row; equal ones by ascending uid.
 *
 * @param names who holds each uid at the row's block; an entry for a uid that nobody holds is left out
 */
export function topOf(
  row: readonly { readonly uid: Uid; readonly weight: number }[],
  names: ReadonlyMap<Uid, Hotkey>,
): PeerWeights['top'] {
  const total = row.reduce((sum, { weight }) => sum + weight, 0);
  return row
    .filter(({ weight }) => weight > 0)
    .toSorted((a, b) => b.weight - a.weight || a.uid - b.uid)
    .slice(0, keptEntries)
    .flatMap(({ uid, weight }) => {
      const hotkey = names.get(uid);
      return hotkey === undefined ? [] : [{ hotkey, uid, share: weight / total }];
    });
}

/** Adds up the `entries` largest of each row, by miner. */
export function tallies(rows: readonly PeerWeights[], entries: number): readonly Tally[] {
  const found = new Map<Hotkey, Tally>();
  for (const { top } of rows) {
    for (const { hotkey, uid, share } of top.slice(0, entries)) {
      const { total, count, most } = found.get(hotkey) ?? { total: 0, count: 0, most: 0 };
      found.set(hotkey, { hotkey, uid, total: total + share, count: count + 1, most: Math.max(most, share) });
    }
  }
  return [...found.values()];
}

const byConsensus = (a: Tally, b: Tally): number => b.total - a.total || b.count - a.count || a.uid - b.uid;

/** Group A: whom at least one validator gives more than 3 % as one of its three largest entries; at most 13. */
export const groupA = (rows: readonly Tally[]): readonly Tally[] =>
  rows
    .filter(({ count, most }) => count >= 1 && most > strictShare)
    .toSorted(byConsensus)
    .slice(0, cohortSize);

export interface Cohort {
  readonly a: readonly Hotkey[];
  readonly b: readonly Hotkey[];
  readonly c: readonly Hotkey[];
}

/**
 * The groups of miners that may earn: A and B by what all validators' weights say, 13 together; C is this validator's
 * part of the others, when those are divided among the cycle's validators by its seed, at most 17.
 *
 * @param miners those with a valid commitment
 */
export function cohortOf(
  rows: readonly PeerWeights[],
  miners: readonly Hotkey[],
  seed: CycleRecord['seed'],
  self: Hotkey,
): Cohort {
  const a = groupA(tallies(rows, strictEntries)).map(({ hotkey }) => hotkey);
  const inA = new Set(a);
  const b = tallies(rows, keptEntries)
    .filter(({ hotkey }) => !inA.has(hotkey))
    .toSorted(byConsensus)
    .slice(0, cohortSize - a.length)
    .map(({ hotkey }) => hotkey);
  const chosen = new Set([...a, ...b]);
  const others = miners.filter((hotkey) => !chosen.has(hotkey)).toSorted(compareText);
  const parts =
    seed === null
      ? []
      : assignMiners({
          validators: seed.validators,
          miners: others,
          maxPerValidator: newcomers,
          combined: seed.combined,
        });
  // Where nobody was a validator in time, this one was it for all.
  const own = parts.length === 0 ? others : (parts.find(({ validator }) => validator === self)?.miners ?? []);
  return { a, b, c: own.slice(0, newcomers) };
}
