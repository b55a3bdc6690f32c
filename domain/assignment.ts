import { h256Int } from './h256.ts';
import { combineSeeds, type ValidatorSeed } from './seeds.ts';

export interface AssignmentInput<H extends string = string> {
  /** In the order in which the chain returned them: with equal seeds it decides, so it must be kept. */
  readonly validators: readonly ValidatorSeed<H>[];
  readonly miners: readonly H[];
  /** The most that one validator is meant to get; null for no limit. It is soft, so that no miner is left over. */
  readonly maxPerValidator: number | null;
  /** The seed in the keys; that of the validators' seeds where left out, as in the originals. */
  readonly combined?: string;
}

export interface Assignment<H extends string = string> {
  readonly validator: H;
  /** Hotkeys in the order in which they were assigned. */
  readonly miners: readonly H[];
}

interface Keyed<T> {
  readonly item: T;
  readonly key: bigint;
}

const ascending = <T>(a: Keyed<T>, b: Keyed<T>): number => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);
// Negated rather than reversed afterwards: the originals keep equal elements in their order when they sort downwards.
const descending = <T>(a: Keyed<T>, b: Keyed<T>): number => ascending(b, a);

const ordered = <T>(
  items: readonly T[],
  key: (item: T) => bigint,
  compare: (a: Keyed<T>, b: Keyed<T>) => number,
): readonly T[] =>
  items
    .map((item) => ({ item, key: key(item) }))
    .toSorted(compare)
    .map(({ item }) => item);

interface Slot<H extends string> {
  readonly hotkey: H;
  readonly seed: number;
  readonly miners: H[];
  capacity: number;
}

/**
 * Who judges whom: every validator comes to the same answer from the chain alone.
 *
 * Capacities are as even as possible, the remainder going to the validators with the highest "cap_bonus" hash. Each
 * miner, in "miner_order", takes its most preferred validator that has room; where none has (the limit bites), its
 * least preferred one. The keys hold the seed and not the hotkey, as in the originals: with equal seeds all tie.
 */
export function assignMiners<H extends string>(input: AssignmentInput<H>): readonly Assignment<H>[] {
  const { validators, miners, maxPerValidator, combined = combineSeeds(input.validators) } = input;
  if (validators.length === 0) return [];
  const limit = maxPerValidator ?? Number.POSITIVE_INFINITY;
  const base = Math.floor(miners.length / validators.length);
  const remainder = miners.length % validators.length;
  const slots: readonly Slot<H>[] = validators.map(({ hotkey, seed }) => ({
    hotkey,
    seed,
    miners: [],
    capacity: base,
  }));

  ordered(slots, ({ seed }) => h256Int('cap_bonus', seed, combined), descending).forEach((slot, rank) => {
    slot.capacity = Math.min(base + (rank < remainder ? 1 : 0), limit);
  });
  for (const miner of ordered(miners, (hotkey) => h256Int('miner_order', hotkey, combined), ascending)) {
    const preferred = ordered(slots, ({ seed }) => h256Int('preference', miner, seed, combined), descending);
    const slot = preferred.find(({ capacity }) => capacity > 0) ?? preferred.at(-1);
    if (slot === undefined) continue;
    slot.miners.push(miner);
    slot.capacity -= 1;
  }
  return slots.map((slot) => ({ validator: slot.hotkey, miners: slot.miners }));
}
