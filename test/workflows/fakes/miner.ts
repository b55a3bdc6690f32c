import type { GuardInput } from '../../../activities/chain/guard.ts';
import type {
  MinerIoActivities,
  MinerTrainActivities,
  Slice,
  TrainedGroup,
} from '../../../activities/miner/activities.ts';
import { joinAsMiner, type MinerPlan, type ValidatorSeat } from '../../../domain/miner-plan.ts';
import { type PhaseName, phaseRange, schedules } from '../../../domain/phases.ts';
import { blocks, bytes, hotkey, milliseconds } from '../../../domain/units.ts';
import { shortPolicy } from '../../adapters/model/reference.ts';
import { FakeChain, untilCancelled } from './chain.ts';
import { type WriteFakes, writeFakes } from './writes.ts';

export type MinerFakes = MinerIoActivities & MinerTrainActivities & WriteFakes;

export const minerActivityNames = [
  'planMiner',
  'findValidator',
  'findAssigned',
  'downloadSlice',
  'publishArtifact',
  'uploadSubmission',
  'awaitNewModel',
  'fetchVerdict',
  'noteCycle',
  'trainGroup',
  'awaitBlock',
  'guardWrite',
  'signMessage',
  'recordWrite',
] as const satisfies readonly (keyof MinerFakes)[];

const artifact = (digest: string) => ({ digest, bytes: bytes(10), mediaType: 'application/vnd.safetensors' }) as const;

export const slice: Slice = { ref: artifact('slice'), group: 1, hash: '11'.repeat(24), version: 7, modelHash: 'model' };
export const trained: TrainedGroup = {
  ref: artifact('trained'),
  modelHash: '22'.repeat(24),
  steps: 12,
  lossFirst: 4,
  lossLast: 3,
};
export const validator: ValidatorSeat = {
  hotkey: hotkey('5Validator'),
  uid: 0,
  url: 'http://127.0.0.2:8080',
  committed: null,
};

const shownVerdict = { cycle: 0, root: 'ab'.repeat(32), submission: null, score: null } as const;

const rules: Omit<MinerPlan, 'cycle' | 'head'> = {
  genesis: '0xaa',
  schedule: schedules.demo,
  blockTimeMs: milliseconds(0),
  group: 1,
  training: { ...shortPolicy, steps: null },
  location: null,
};

export interface MinerScenario {
  readonly head?: number;
  readonly verdict?: (input: GuardInput) => 'already' | 'late';
  /** A training after which the chain stays where it is, for another one follows. */
  readonly holds?: (trained: TrainedGroup) => boolean;
  /** What takes the place of an activity that succeeds. */
  /** What MinerCommit2 says of where the file lies. */
  readonly location?: MinerPlan['location'];
  readonly activities?: (chain: FakeChain) => Partial<MinerFakes>;
}

type Input<Name extends keyof MinerFakes> = Parameters<MinerFakes[Name]>[0];

/**
 * A miner's activities that all succeed, on the demo's schedule, with what they were asked. The chain stands still at
 * the end of a phase in which something is done, until that is done.
 */
export function minerScenario({ head = 0, verdict, holds, location = null, activities }: MinerScenario = {}) {
  const chain = new FakeChain(head, head);
  const allow = (cycle: number, phase: PhaseName) => chain.allow(phaseRange(schedules.demo, cycle, phase).end);
  const writes = writeFakes(chain, verdict);
  const nexts: (number | null)[] = [];
  const uploads: Input<'uploadSubmission'>[] = [];
  const notes: Input<'noteCycle'>[] = [];
  const verdicts: Input<'fetchVerdict'>[] = [];
  /** Where the chain stood when each cycle was closed; later waits may move it on. */
  const closedAt: number[] = [];
  const own = activities?.(chain) ?? {};
  const upload: MinerFakes['uploadSubmission'] =
    own.uploadSubmission ?? (async () => ({ kind: 'accepted', digest: 'trained', bytes: 10 }));
  const train: MinerFakes['trainGroup'] = own.trainGroup ?? (async () => trained);
  const fakes: MinerFakes = {
    ...writes.activities,
    async planMiner({ next }) {
      nexts.push(next);
      const cycle = joinAsMiner(schedules.demo, chain.head, next);
      // Upon the phase's last block the training ends, so the chain stops one before it.
      chain.allow(phaseRange(schedules.demo, cycle, 'Train').end - 1);
      return { ...rules, location, head: blocks(chain.head), cycle };
    },
    findValidator: async () => validator,
    findAssigned: async () => validator,
    downloadSlice: async () => slice,
    publishArtifact: async () => undefined,
    awaitNewModel: () => untilCancelled(),
    async noteCycle(note) {
      notes.push(note);
      closedAt.push(chain.head);
      allow(note.cycle, 'ValidatorCommit2');
    },
    ...own,
    async fetchVerdict(input) {
      verdicts.push(input);
      return (await own.fetchVerdict?.(input)) ?? { kind: 'verdict', verdict: shownVerdict };
    },
    async trainGroup(input) {
      const result = await train(input);
      if (input.over !== true && holds?.(result) !== true) allow(input.cycle, 'Submission');
      return result;
    },
    uploadSubmission(input) {
      uploads.push(input);
      return upload(input);
    },
  };
  return { fakes, chain, nexts, uploads, notes, verdicts, closedAt, asked: writes.asked, signed: writes.signed };
}
