import { isServed } from './artifact-location.ts';
import { type Assignment, assignMiners } from './assignment.ts';
import type { SubnetSnapshot } from './chain.ts';
import type { CycleRecord } from './cycle-record.ts';
import { compareText } from './order.ts';
import type { ReadCommitment } from './roster.ts';
import { blockHashSeed, combineSeeds } from './seeds.ts';
import type { Blocks, Hotkey } from './units.ts';

/** What the chain says of one cycle at the blocks after its two miner commits; the same for everybody, and for ever. */
export interface CycleCommitments {
  /** At the block after MinerCommit2. */
  readonly snapshot: SubnetSnapshot;
  /** What the slots held at the block after MinerCommit1, in the chain's order. */
  readonly first: readonly ReadCommitment[];
  /** What the slots held at the block after MinerCommit2. */
  readonly second: readonly ReadCommitment[];
  /** Commitments older than this belong to an earlier cycle. */
  readonly firstPhaseStart: Blocks;
  readonly secondPhaseStart: Blocks;
  /** The hash of MinerCommit2's last block. */
  readonly lastCommitHash: string;
}

export type SeedSource = 'validator_commits' | 'block_hash';
export type CycleSeed = NonNullable<CycleRecord['seed']>;

/** Who judges whom first in one cycle, validators in the chain's order, and the seed that it follows from. */
export interface CycleAssignment {
  readonly seed: CycleSeed;
  readonly assignment: readonly Assignment<Hotkey>[];
}

/**
 * Who committed as a miner in this cycle, by hotkey in ascending order: with either half, whatever it says. Strangers
 * (a commitment outlives its neuron) and validators, which their heartbeats in the first phase show, are none.
 */
export function committedMiners({
  snapshot,
  first,
  second,
  firstPhaseStart,
  secondPhaseStart,
}: CycleCommitments): readonly Hotkey[] {
  const since = (list: readonly ReadCommitment[], start: Blocks) =>
    list.filter(({ commitment }) => commitment.block >= start);
  const early = since(first, firstPhaseStart);
  const validators = new Set(early.filter(isHeartbeat).map(({ commitment }) => commitment.hotkey));
  const committed = new Set([...early, ...since(second, secondPhaseStart)].map(({ commitment }) => commitment.hotkey));
  return snapshot.neurons
    .flatMap(({ hotkey }) => (committed.has(hotkey) && !validators.has(hotkey) ? [hotkey] : []))
    .toSorted(compareText);
}

/**
 * The cycle's validators with their seeds: hotkeys with a permit whose heartbeat was in time, 0 where it names no seed,
 * in the chain's order, which decides between equal seeds. Where no heartbeat was in time, those with a permit that
 * serve an address and are no miners, by uid.
 *
 * Whoever is too late is missing for everybody alike: its own view of itself would differ from all others'.
 */
export function cycleValidators(commitments: CycleCommitments): CycleSeed['validators'] {
  const { first, firstPhaseStart, snapshot } = commitments;
  const permitted = snapshot.neurons.filter(({ validatorPermit }) => validatorPermit);
  const hotkeys = new Set(permitted.map(({ hotkey }) => hotkey));
  const inTime = first.flatMap(({ commitment, payload }) =>
    payload.kind === 'heartbeat' && commitment.block >= firstPhaseStart && hotkeys.has(commitment.hotkey)
      ? [{ hotkey: commitment.hotkey, seed: payload.seed ?? 0 }]
      : [],
  );
  if (inTime.length > 0) return inTime;
  const miners = new Set<string>(committedMiners(commitments));
  return permitted
    .filter(({ hotkey, axon }) => isServed(axon) && !miners.has(hotkey))
    .map(({ hotkey }) => ({ hotkey, seed: 0 }));
}

/**
 * The seed of a cycle: the validators' combined one, or the hash of the last block in which models' hashes could be
 * committed. The latter also where no validator chose a seed, for what is left to combine then is a constant that
 * anybody can compute beforehand.
 */
export function cycleSeed(source: SeedSource, commitments: CycleCommitments): CycleSeed {
  const validators = cycleValidators(commitments);
  if (source === 'validator_commits' && validators.some(({ seed }) => seed !== 0)) {
    return { source, combined: combineSeeds(validators), validators };
  }
  return { source: 'block_hash', combined: blockHashSeed(commitments.lastCommitHash), validators };
}

/** Who judges whom, from the chain alone: validators, miners and model servers all come to the same answer. */
export function assignCycle(source: SeedSource, commitments: CycleCommitments): CycleAssignment {
  const seed = cycleSeed(source, commitments);
  return { seed, assignment: assignmentOf(seed, committedMiners(commitments)) };
}

/** The assignment that follows from a seed. Without validators it is empty: nobody can tell who is to judge. */
export const assignmentOf = (seed: CycleSeed, miners: readonly Hotkey[]): readonly Assignment<Hotkey>[] =>
  assignMiners({ validators: seed.validators, miners, maxPerValidator: null, combined: seed.combined });

/** The validator that judges a miner first; null where nobody does. */
export const validatorOf = (assignment: readonly Assignment<Hotkey>[], miner: Hotkey): Hotkey | null =>
  assignment.find(({ miners }) => miners.includes(miner))?.validator ?? null;

const isHeartbeat = ({ payload }: ReadCommitment): boolean => payload.kind === 'heartbeat';
