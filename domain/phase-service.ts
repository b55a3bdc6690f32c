import { cycleLength, type PhaseName, phaseAt, phaseNames, phaseRange, type Schedule, schedules } from './phases.ts';

/**
 * What an owner's phase service answers, with the names that its clients know. Blocks are absolute, both ends of a
 * phase are in it, and cycles have the originals' index: the block over the length.
 */
export interface PhaseResponse {
  readonly block: number;
  readonly cycle_length: number;
  readonly cycle_index: number;
  readonly cycle_block_index: number;
  readonly phase_name: PhaseName;
  readonly phase_index: number;
  readonly phase_start_block: number;
  readonly phase_end_block: number;
  /** 0 on the phase's first block. */
  readonly blocks_into_phase: number;
  /** 0 on the phase's last block. */
  readonly blocks_remaining_in_phase: number;
}

export interface ScheduleIndex {
  readonly cycle_length: number;
  readonly phases: readonly { readonly index: number; readonly name: PhaseName; readonly length: number }[];
}

type Lengths = Schedule['lengths'];
type ByPhase<T> = Readonly<Record<PhaseName, T>>;

/** Everybody's view: what this deployment counts from is no part of the schedule. */
const common = ({ name, lengths }: Schedule): Schedule => ({ name, lengths });

/** `/get_phase` */
export function phaseResponse(schedule: Schedule, block: number): PhaseResponse {
  const at = phaseAt(common(schedule), block);
  return {
    block,
    cycle_length: cycleLength(schedule),
    cycle_index: at.cycle,
    cycle_block_index: at.offset,
    phase_name: at.phase,
    phase_index: at.index,
    phase_start_block: at.start,
    phase_end_block: at.end,
    blocks_into_phase: at.blocksInto,
    blocks_remaining_in_phase: at.blocksLeft,
  };
}

const byPhase = <T>(of: (phase: PhaseName) => T): ByPhase<T> =>
  Object.fromEntries(phaseNames.map((phase) => [phase, of(phase)])) as ByPhase<T>;

/**
 * `/blocks_until_next_phase`: each phase's next range with the blocks until it begins. A phase that begins now is its
 * own next; one block later it is a whole cycle away.
 */
export function blocksUntilNextPhase(schedule: Schedule, block: number): ByPhase<readonly [number, number, number]> {
  const grid = common(schedule);
  const { cycle } = phaseAt(grid, block);
  return byPhase((phase) => {
    const now = phaseRange(grid, cycle, phase);
    const { start, end } = now.start >= block ? now : phaseRange(grid, cycle + 1, phase);
    return [start, end, start - block];
  });
}

/**
 * `/previous_phase_blocks`: the ranges of {@link blocksUntilNextPhase}, a cycle earlier. So on a phase's first block
 * its previous one is the last cycle's, and from the second block on the one in progress; the originals' clients rely
 * on that.
 */
export function previousPhaseBlocks(schedule: Schedule, block: number): ByPhase<readonly [number, number]> {
  const length = cycleLength(schedule);
  const next = blocksUntilNextPhase(schedule, block);
  return byPhase((phase) => [next[phase][0] - length, next[phase][1] - length]);
}

/** The part of `/` that tells the schedule. */
export const scheduleIndex = ({ lengths }: Schedule): ScheduleIndex => ({
  cycle_length: lengths.reduce((sum, length) => sum + length, 0),
  phases: phaseNames.map((name, index) => ({ index, name, length: lengths[index] ?? 0 })),
});

/** A schedule of these lengths, by the name that it ships under or by its numbers. */
export function scheduleOf(lengths: Lengths): Schedule {
  const known = Object.values(schedules).find((each) =>
    each.lengths.every((length, index) => length === lengths[index]),
  );
  return known ?? { name: lengths.join('-'), lengths };
}

/** The lengths of an index; a text that says what is wrong with it where there are none. */
export function lengthsOf({ cycle_length, phases }: ScheduleIndex): Lengths | string {
  const ordered = phases.toSorted((a, b) => a.index - b.index);
  const strange = phaseNames.find((name, index) => ordered[index]?.name !== name || ordered[index]?.index !== index);
  if (strange !== undefined || ordered.length !== phaseNames.length) {
    return `its phases are not the nine from ${phaseNames[0]} to ${phaseNames.at(-1)}`;
  }
  const lengths = ordered.map(({ length }) => length);
  const short = ordered.find(({ length }) => !(Number.isSafeInteger(length) && length >= 1));
  if (short !== undefined) return `its phase ${short.name} has ${short.length} blocks`;
  const sum = lengths.reduce((all, length) => all + length, 0);
  if (sum !== cycle_length) return `its phases have ${sum} blocks, and its cycle ${cycle_length}`;
  return lengths as readonly number[] as Lengths;
}

/** What a service says of a block against the lengths that it gives; null where the two agree. */
export function contradiction(lengths: Lengths, said: PhaseResponse): string | null {
  if (!(Number.isSafeInteger(said.block) && said.block >= 0)) return `its block is ${said.block}`;
  const own = phaseResponse(scheduleOf(lengths), said.block);
  const field = (Object.keys(own) as (keyof PhaseResponse)[]).find((name) => own[name] !== said[name]);
  return field === undefined
    ? null
    : `${field} is ${said[field]} at block ${said.block}, its lengths give ${own[field]}`;
}
