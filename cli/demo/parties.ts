import { type PhaseName, phaseNames, type Schedule, schedules } from '../../domain/phases.ts';

/** One deployment of the demo. Development keys: everybody knows them, and they are worth nothing. */
export interface DemoDeployment {
  readonly name: string;
  readonly role: 'validator' | 'miner';
  readonly uri: string;
  readonly group: number;
}

/** How many of each. */
export interface DemoSize {
  readonly validators: number;
  readonly miners: number;
}

export const smallest: DemoSize = { validators: 1, miners: 3 };

const validatorNames = ['alice', 'anton', 'agnes', 'arthur', 'aurora', 'axel', 'ada', 'albert'];
const minerNames = [
  'bob',
  'charlie',
  'dave',
  'eve',
  'ferdie',
  'grace',
  'heidi',
  'ivan',
  'judy',
  'karl',
  'lena',
  'mike',
];

/** The most that the demo has names for; two cores are busy with fewer. */
export const largest: DemoSize = { validators: validatorNames.length, miners: minerNames.length };

const groups = 4;

/** The first so many validators and miners, each miner in the next expert group. */
export function demoParties({ validators, miners }: DemoSize): readonly DemoDeployment[] {
  const of = (role: DemoDeployment['role'], names: readonly string[]) =>
    names.map((name, i) => ({
      name,
      role,
      uri: `//${name[0]?.toUpperCase()}${name.slice(1)}`,
      group: role === 'miner' ? i % groups : 0,
    }));
  return [...of('validator', validatorNames.slice(0, validators)), ...of('miner', minerNames.slice(0, miners))];
}

/**
 * Blocks that a phase gets on top for each party beyond the smallest demo's, where the parties keep each other busy.
 */
const perParty: Partial<Record<PhaseName, number>> = {
  Distribute: 0.5,
  Train: 2,
  MinerCommit1: 1,
  MinerCommit2: 1,
  Submission: 1,
  Validate: 0.5,
  Merge: 1.5,
  ValidatorCommit1: 0.5,
  ValidatorCommit2: 0.5,
};

/** The demo's schedule: as it ships for the smallest one, with longer phases for more parties on the same two cores. */
export function demoSchedule({ validators, miners }: DemoSize): Schedule {
  const more = Math.max(0, validators + miners - smallest.validators - smallest.miners);
  if (more === 0) return schedules.demo;
  const [a, b, c, d, e, f, g, h, i] = schedules.demo.lengths;
  const at = (length: number, place: number): number =>
    length + Math.ceil(more * (perParty[phaseNames[place] ?? 'Train'] ?? 0));
  return {
    name: `demo-${validators}x${miners}`,
    lengths: [at(a, 0), at(b, 1), at(c, 2), at(d, 3), at(e, 4), at(f, 5), at(g, 6), at(h, 7), at(i, 8)],
  };
}

/**
 * Steps of each miner's training in a cycle, so that all of them are done well before the phase ends; null where there
 * is time enough to train until it ends. Two cores take about eight steps of the reference model a second, all miners
 * together.
 */
export function demoSteps(size: DemoSize): number | null {
  if (size.miners <= smallest.miners && size.validators <= smallest.validators) return null;
  const trainBlocks = demoSchedule(size).lengths[1];
  return Math.max(10, Math.floor((trainBlocks * 5) / size.miners));
}
