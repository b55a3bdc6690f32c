import { type Blocks, blocks } from './units.ts';

/** The nine phases of a training cycle, in their order; their indexes are the originals'. */
export const phaseNames = [
  'Distribute',
  'Train',
  'MinerCommit1',
  'MinerCommit2',
  'Submission',
  'Validate',
  'Merge',
  'ValidatorCommit1',
  'ValidatorCommit2',
] as const;

export type PhaseName = (typeof phaseNames)[number];

/**
 * Lengths in blocks, in the order of {@link phaseNames}. A schedule is data: live subnets have changed theirs often.
 */
export interface Schedule {
  readonly name: string;
  readonly lengths: readonly [number, number, number, number, number, number, number, number, number];
  /**
   * The cycle that began at a block from which this deployment counts on, since its schedule changed; see
   * `schedule-change.ts`. Left out: cycle 0 began at block 0. The phases themselves are at multiples of the length in
   * any case, as everybody has them.
   */
  readonly anchor?: { readonly block: Blocks; readonly cycle: number };
}

/**
 * Schedules that ship by name. `mycelia-45` gives seed 000's 5/30/5/5 blocks: its commit window holds both miner
 * commits, its last five blocks all the rest. `connito-472` is seed 001's. `demo` fits one cycle into about a minute
 * of one-second blocks on two cores.
 */
export const schedules = {
  'mycelia-45': { name: 'mycelia-45', lengths: [5, 30, 2, 3, 1, 1, 1, 1, 1] },
  'connito-472': { name: 'connito-472', lengths: [20, 300, 8, 8, 20, 50, 50, 8, 8] },
  'connito-500': { name: 'connito-500', lengths: [20, 300, 10, 10, 80, 10, 50, 10, 10] },
  demo: { name: 'demo', lengths: [6, 22, 4, 4, 8, 10, 8, 4, 4] },
} as const satisfies Record<string, Schedule>;

export const cycleLength = (schedule: Schedule): number => schedule.lengths.reduce((sum, length) => sum + length, 0);

/** A phase of one cycle; both ends are inclusive, as in the originals. */
export interface PhaseRange {
  readonly phase: PhaseName;
  readonly start: Blocks;
  readonly end: Blocks;
}

/** Where a block lies in its cycle. Field meanings as in the owner's phase service. */
export interface PhaseAt extends PhaseRange {
  readonly index: number;
  readonly cycle: number;
  readonly cycleStart: Blocks;
  readonly offset: number;
  readonly blocksInto: number;
  /** 0 on the phase's last block. */
  readonly blocksLeft: number;
}

/** The first block of a cycle. */
export function cycleStart(schedule: Schedule, cycle: number): Blocks {
  const { block, cycle: first } = schedule.anchor ?? genesisAnchor;
  return blocks(block + (cycle - first) * cycleLength(schedule));
}

const genesisAnchor = { block: 0, cycle: 0 };

/** The lowest number that a cycle of this schedule has; what lies before is of an earlier schedule. */
export const firstCycle = ({ anchor }: Schedule): number => anchor?.cycle ?? genesisAnchor.cycle;

/**
 * The originals' index of a cycle, its first block over the cycle's length: what parties call it among each other,
 * because it follows from the schedule alone. A cycle's number differs from it once the schedule has changed.
 */
export const cycleIndex = (schedule: Schedule, cycle: number): number =>
  cycleStart(schedule, cycle) / cycleLength(schedule);

/** The cycle with an index; null for one that began under an earlier schedule. */
export function cycleOfIndex(schedule: Schedule, index: number): number | null {
  const first = firstCycle(schedule);
  const cycle = first + index - cycleIndex(schedule, first);
  return cycle < first ? null : cycle;
}

/** Absolute ranges of a cycle's phases. */
export function phaseRanges(schedule: Schedule, cycle: number): readonly PhaseRange[] {
  let start: number = cycleStart(schedule, cycle);
  return phaseNames.map((phase, index) => {
    const length = schedule.lengths[index] ?? 0;
    const range = { phase, start: blocks(start), end: blocks(start + length - 1) };
    start += length;
    return range;
  });
}

/** The range of one phase in one cycle. */
export function phaseRange(schedule: Schedule, cycle: number, phase: PhaseName): PhaseRange {
  const range = phaseRanges(schedule, cycle)[phaseNames.indexOf(phase)];
  if (range === undefined) throw new RangeError(`no phase ${phase}`);
  return range;
}

/** The phase at a block. */
export function phaseAt(schedule: Schedule, block: number): PhaseAt {
  const first = firstCycle(schedule);
  const cycle = first + Math.floor((block - cycleStart(schedule, first)) / cycleLength(schedule));
  const ranges = phaseRanges(schedule, cycle);
  const index = ranges.findIndex((range) => block <= range.end);
  const range = ranges[index];
  if (range === undefined || block < 0) throw new RangeError(`block ${block} is in no phase of ${schedule.name}`);
  const start = cycleStart(schedule, cycle);
  return {
    ...range,
    index,
    cycle,
    cycleStart: start,
    offset: block - start,
    blocksInto: block - range.start,
    blocksLeft: range.end - block,
  };
}
