import type { HotkeyWeight } from './chain-write.ts';
import type { ScoreRecord, SubmissionRecord } from './cycle-record.ts';
import { byHotkey } from './order.ts';
import type { Seat } from './roster.ts';
import { maxWeight } from './scores.ts';
import type { Blocks, Hotkey } from './units.ts';

/** Shares are of 1: of the assigned miners, or of a vector's whole weight. */
export interface GuardrailLimits {
  /** Least share of the assigned miners that has a verdict, good or bad. */
  readonly minCoverage: number;
  /** Most weight that may move between two vectors: half the sum of the differences of all shares. */
  readonly maxMovement: number;
  /** Largest share of one miner. */
  readonly maxShare: number;
  /** Most weight that may belong to hotkeys that lost their uid since they were scored. */
  readonly maxDeparted: number;
}

/** What the chain and the ledger say about a vector, at the block at which it is reviewed. */
export interface WeightsFacts {
  readonly block: Blocks;
  readonly seats: readonly Seat[];
  readonly minAllowedWeights: number;
  readonly maxUids: number;
  /** The block of this hotkey's last weights, or of its registration. */
  readonly lastUpdate: Blocks;
  /** The first block of the present tempo. */
  readonly tempoStart: Blocks;
  /** The last vector of this hotkey that reached the chain. */
  readonly lastGood: readonly HotkeyWeight[] | null;
}

/** A guardrail that holds a vector back. Numbers are as found and as allowed. */
export type Trip =
  | { readonly kind: 'not_a_number'; readonly hotkeys: readonly Hotkey[] }
  | { readonly kind: 'malformed'; readonly problem: string }
  | { readonly kind: 'too_few'; readonly found: number; readonly least: number }
  | { readonly kind: 'uid_changed'; readonly hotkeys: readonly Hotkey[]; readonly found: number; readonly most: number }
  | { readonly kind: 'coverage'; readonly found: number; readonly least: number }
  | { readonly kind: 'movement'; readonly found: number; readonly most: number }
  | { readonly kind: 'share'; readonly hotkey: Hotkey; readonly found: number; readonly most: number };

/** One miner's part of a vector before and now. */
export interface ShareChange {
  readonly hotkey: Hotkey;
  readonly before: number;
  readonly after: number;
}

export interface Reviewed {
  /** What may be published: without those that lost their uid, scaled to a largest weight of 65535. */
  readonly vector: readonly HotkeyWeight[];
  /** Hotkeys of the vector that no longer hold the uid under which they were scored. */
  readonly departed: readonly Hotkey[];
  readonly trips: readonly Trip[];
  /** Against the last good vector; all miners that have a part in either, the largest change first. */
  readonly changes: readonly ShareChange[];
}

export interface ReviewInput {
  readonly vector: readonly HotkeyWeight[];
  /** The scores that the vector was made of, with the uids that they were given to. */
  readonly scores: readonly ScoreRecord[];
  readonly submissions: readonly SubmissionRecord[];
  /** Who was to be judged in this cycle. */
  readonly assigned: readonly Hotkey[];
  readonly facts: WeightsFacts;
  readonly limits: GuardrailLimits;
}

/** Looks at a vector as the last one before it is signed: what may go out of it, and what holds it back. */
export function reviewVector({ vector, scores, submissions, assigned, facts, limits }: ReviewInput): Reviewed {
  const { staying, departed, departedShare } = withoutDeparted(vector, scores, facts.seats);
  const shares = sharesOf(staying);
  const before = sharesOf(facts.lastGood ?? []);
  const changes = changesBetween(before, shares);
  const trips: Trip[] = [...numberTrips(scores), ...formTrips(vector, facts)];
  if (departedShare > limits.maxDeparted) {
    trips.push({ kind: 'uid_changed', hotkeys: departed, found: departedShare, most: limits.maxDeparted });
  }
  const covered = coverage(submissions, assigned);
  if (covered < limits.minCoverage) trips.push({ kind: 'coverage', found: covered, least: limits.minCoverage });
  const moved = movement(changes);
  // The first vector moves everything, and there is nothing that it could be compared with.
  if (facts.lastGood !== null && moved > limits.maxMovement) {
    trips.push({ kind: 'movement', found: moved, most: limits.maxMovement });
  }
  for (const [hotkey, share] of shares) {
    if (share > limits.maxShare) trips.push({ kind: 'share', hotkey, found: share, most: limits.maxShare });
  }
  return { vector: staying, departed, trips, changes };
}

/** Weights as shares of their sum; empty where the sum is no positive number. */
export function sharesOf(vector: readonly HotkeyWeight[]): ReadonlyMap<Hotkey, number> {
  const total = vector.reduce((sum, { weight }) => sum + weight, 0);
  if (!(total > 0) || !Number.isFinite(total)) return new Map();
  return new Map(vector.map(({ hotkey, weight }) => [hotkey, weight / total]));
}

/** A vector scaled so that its largest weight is 65535; zeros that come of it are left out. */
export function rescale(vector: readonly HotkeyWeight[]): readonly HotkeyWeight[] {
  const highest = vector.reduce((most, { weight }) => Math.max(most, weight), 0);
  if (highest === 0 || highest === maxWeight) return vector.filter(({ weight }) => weight > 0);
  return vector
    .map(({ hotkey, weight }) => ({ hotkey, weight: Math.round((weight / highest) * maxWeight) }))
    .filter(({ weight }) => weight > 0);
}

/** Those of a vector who are on the subnet at all, by whatever uid; scaled anew. */
export const stillSeated = (vector: readonly HotkeyWeight[], seats: readonly Seat[]): readonly HotkeyWeight[] => {
  const seated = new Set(seats.map(({ hotkey }) => hotkey));
  return rescale(vector.filter(({ hotkey }) => seated.has(hotkey)));
};

/** What is wrong with the form of a vector: one sentence, or null. Weights are u16, the largest is 65535. */
export function problemOf(vector: readonly HotkeyWeight[]): string | null {
  const bad = vector.find(({ weight }) => !Number.isInteger(weight) || weight < 0 || weight > maxWeight);
  if (bad !== undefined) return `the weight of ${bad.hotkey} is ${bad.weight}, which is no whole number up to 65535`;
  if (new Set(vector.map(({ hotkey }) => hotkey)).size !== vector.length) return 'a hotkey occurs twice';
  const highest = vector.reduce((most, { weight }) => Math.max(most, weight), 0);
  return vector.length > 0 && highest !== maxWeight ? `the largest weight is ${highest} instead of 65535` : null;
}

function withoutDeparted(vector: readonly HotkeyWeight[], scores: readonly ScoreRecord[], seats: readonly Seat[]) {
  const scored = new Map(scores.map(({ hotkey, uid }) => [hotkey, uid]));
  const seated = new Map(seats.map(({ hotkey, uid }) => [hotkey, uid]));
  // A uid that was given to somebody else and back is another registration, whose work nobody has seen.
  const departed = vector
    .map(({ hotkey }) => hotkey)
    .filter((hotkey) => seated.get(hotkey) === undefined || seated.get(hotkey) !== scored.get(hotkey));
  const gone = new Set(departed);
  const shares = sharesOf(vector);
  const departedShare = departed.reduce((sum, hotkey) => sum + (shares.get(hotkey) ?? 0), 0);
  return { staying: rescale(vector.filter(({ hotkey }) => !gone.has(hotkey))), departed, departedShare };
}

function numberTrips(scores: readonly ScoreRecord[]): readonly Trip[] {
  const hotkeys = scores.filter(({ after }) => !Number.isFinite(after) || after < 0).map(({ hotkey }) => hotkey);
  return hotkeys.length === 0 ? [] : [{ kind: 'not_a_number', hotkeys }];
}

function formTrips(vector: readonly HotkeyWeight[], { minAllowedWeights, maxUids, seats }: WeightsFacts): Trip[] {
  const problem =
    problemOf(vector) ?? (vector.length > maxUids ? `${vector.length} entries for ${maxUids} uids` : null);
  if (problem !== null) return [{ kind: 'malformed', problem }];
  // The chain asks for no more entries than there are neurons.
  const least = Math.min(minAllowedWeights, seats.length);
  return vector.length < least ? [{ kind: 'too_few', found: vector.length, least }] : [];
}

/** Only what is known of a miner counts: our own fault, or what nobody can tell, is no verdict. */
function coverage(submissions: readonly SubmissionRecord[], assigned: readonly Hotkey[]): number {
  if (assigned.length === 0) return 1;
  const judged = new Set(
    submissions.filter(({ outcome }) => outcome === 'ok' || outcome === 'miner_fault').map(({ hotkey }) => hotkey),
  );
  return assigned.filter((hotkey) => judged.has(hotkey)).length / assigned.length;
}

function changesBetween(
  before: ReadonlyMap<Hotkey, number>,
  after: ReadonlyMap<Hotkey, number>,
): readonly ShareChange[] {
  return [...new Set([...before.keys(), ...after.keys()])]
    .map((hotkey) => ({ hotkey, before: before.get(hotkey) ?? 0, after: after.get(hotkey) ?? 0 }))
    .toSorted((a, b) => Math.abs(b.after - b.before) - Math.abs(a.after - a.before) || byHotkey(a, b));
}

/** Total variation distance of the two vectors, 0 to 1. */
const movement = (changes: readonly ShareChange[]): number =>
  changes.reduce((sum, { before, after }) => sum + Math.abs(after - before), 0) / 2;
