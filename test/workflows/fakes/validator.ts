import type { AgreementActivities } from '../../../activities/agreement/activities.ts';
import type { GuardInput } from '../../../activities/chain/guard.ts';
import type { CycleActivities } from '../../../activities/cycle/activities.ts';
import type { AccumulateInput, MergeActivities } from '../../../activities/merge/activities.ts';
import type { SubmissionActivities } from '../../../activities/submission/activities.ts';
import type { HotkeyWeight } from '../../../domain/chain-write.ts';
import { joinCycle } from '../../../domain/cycle-join.ts';
import type { CyclePlan } from '../../../domain/cycle-plan.ts';
import type { CycleRecord, ModelRecord } from '../../../domain/cycle-record.ts';
import { ok } from '../../../domain/outcome.ts';
import type { PeerDirectory } from '../../../domain/peers/directory.ts';
import type { SignedPeerMessage } from '../../../domain/peers/message.ts';
import { type Schedule, schedules } from '../../../domain/phases.ts';
import type { Roster, RosterEntry } from '../../../domain/roster.ts';
import { noPast } from '../../../domain/scoring/past.ts';
import { ruleOf } from '../../../domain/scoring/rule.ts';
import { combineSeeds } from '../../../domain/seeds.ts';
import { blocks, bytes, hotkey, milliseconds, netuid, uid } from '../../../domain/units.ts';
import { FakeChain } from './chain.ts';
import { type WriteFakes, writeFakes } from './writes.ts';

export type ValidatorFakes = AgreementActivities &
  CycleActivities &
  MergeActivities &
  SubmissionActivities &
  WriteFakes;

export const validatorActivityNames = [
  'planCycle',
  'drawSeed',
  'freezeRoster',
  'scoreState',
  'readWeightsFacts',
  'recordWithheld',
  'readPeers',
  'accumulateGradients',
  'keepMessage',
  'sayToPeers',
  'awaitMessages',
  'gatherAnnouncements',
  'gatherVouches',
  'gatherReports',
  'fetchGradients',
  'mergeGradients',
  'readCommitted',
  'fetchModel',
  'drawSalt',
  'gatherDigests',
  'agreeOnScores',
  'evaluateModel',
  'publishModel',
  'finishCycle',
  'keepRoot',
  'findSubmission',
  'fetchFromPeer',
  'pullSubmission',
  'verifySubmission',
  'evaluateSubmission',
  'awaitBlock',
  'guardWrite',
  'signMessage',
  'signMessages',
  'recordWrite',
] as const satisfies readonly (keyof ValidatorFakes)[];

export const base: ModelRecord = { hash: '00'.repeat(24), version: 0, manifest: 'base' };
const validator = hotkey('5Validator');

/** A miner that committed in time, by its number: its uid, and its group modulo 4. */
export const miner = (number: number, changes: Partial<RosterEntry> = {}): RosterEntry => ({
  hotkey: hotkey(`5Miner${number}`),
  uid: uid(number),
  group: number % 4,
  modelHash: number.toString(16).padStart(48, '0'),
  version: 0,
  artifact: { kind: 'pushed' },
  commitBlock: blocks(33),
  commitIndex: number,
  fault: null,
  ...changes,
});

export interface ValidatorScenario {
  readonly miners?: readonly RosterEntry[];
  /** The loss of each miner's file, by uid; the base's is 4. Left out: 3, so that w is 0.25. */
  readonly losses?: Readonly<Record<number, number>>;
  /** Where the chain stands when the workflow begins. */
  readonly head?: number;
  /** How far it may go by itself; left out: until the files are there. */
  readonly allowed?: number;
  /** The first cycle that the ledger has not. */
  readonly first?: number;
  readonly verdict?: (input: GuardInput) => 'already' | 'late';
  /** The last vector that reached the chain. */
  readonly lastGood?: readonly HotkeyWeight[];
  readonly weights?: Partial<CyclePlan['weights']>;
  readonly scoreRule?: CyclePlan['scoreRule'];
  readonly activities?: Partial<ValidatorFakes>;
  readonly consensusTimeoutMs?: number;
  /** The demo's where left out. */
  readonly schedule?: Schedule;
}

/** A validator's activities that all succeed, on the demo's schedule, with what they were asked. */
export function validatorScenario(scenario: ValidatorScenario = {}) {
  const { miners = [], losses = {}, head = 0, allowed = 36, first, verdict, schedule = schedules.demo } = scenario;
  const chain = new FakeChain(head, allowed);
  const writes = writeFakes(chain, verdict);
  const plans: CyclePlan[] = [];
  /** The signed roots. */
  const roots: SignedPeerMessage[] = [];
  const nexts: (number | null)[] = [];
  const records: CycleRecord[] = [];
  const merges: { readonly accepted: AccumulateInput['accepted']; readonly version: number }[] = [];
  let added: AccumulateInput['accepted'] = [];
  const unneeded = async (): Promise<never> => {
    throw new Error('a validator without peers talks to nobody');
  };
  const published: ModelRecord[] = [];
  const withheld: Parameters<CycleActivities['recordWithheld']>[0][] = [];
  const fakes: ValidatorFakes = {
    ...writes.activities,
    async planCycle({ next }) {
      nexts.push(next);
      const joined = joinCycle(schedule, chain.head, next ?? first ?? null);
      const joinedPlan = planOf(joined, schedule, chain.head, records.at(-1)?.modelAfter ?? base);
      const { scoreRule = joinedPlan.scoreRule, consensusTimeoutMs = joinedPlan.consensusTimeoutMs } = scenario;
      const weights = { ...joinedPlan.weights, ...scenario.weights };
      const plan = { ...joinedPlan, scoreRule, consensusTimeoutMs, weights };
      plans.push(plan);
      return plan;
    },
    drawSeed: async () => 4711,
    async freezeRoster({ plan }) {
      const validators = [{ hotkey: validator, seed: 4711 }];
      const entries = plan.cycle === plans[0]?.cycle ? miners : [];
      const roster: Roster = {
        seats: [{ hotkey: validator, uid: uid(0) }, ...entries.map((each) => ({ hotkey: each.hotkey, uid: each.uid }))],
        seed: { source: 'validator_commits', combined: combineSeeds(validators), validators },
        entries,
        assignment: [{ validator, miners: entries.map((entry) => entry.hotkey) }],
        assigned: entries.map((entry) => entry.hotkey),
        batches: [0, 1, 2, 3].map((group) => ({ group, rows: [1, 2, 3], batchSize: 2 })),
        peerWeights: [],
      };
      return { kind: 'ok', value: roster };
    },
    scoreState: async () => noPast,
    readWeightsFacts: async () => ({
      block: blocks(chain.head),
      seats: [{ hotkey: validator, uid: uid(0) }, ...miners.map((each) => ({ hotkey: each.hotkey, uid: each.uid }))],
      minAllowedWeights: 1,
      maxUids: 256,
      lastUpdate: blocks(0),
      tempoStart: blocks(20),
      lastGood: scenario.lastGood ?? null,
    }),
    async recordWithheld(write) {
      withheld.push(write);
    },
    readPeers: async ({ block }) => directoryAt(block),
    readCommitted: async () => ({ cycle: 0, directory: directoryAt(chain.head), committed: [] }),
    async accumulateGradients({ accepted }) {
      added = accepted;
      return {
        gradients: [{ group: 0, digest: 'gradient', bytes: bytes(10), submissions: accepted.length }],
        excluded: [],
      };
    },
    async mergeGradients({ version }) {
      merges.push({ accepted: added, version });
      return { hash: 'ff'.repeat(24), version, manifest: 'merged' };
    },
    keepMessage: unneeded,
    sayToPeers: unneeded,
    awaitMessages: unneeded,
    gatherAnnouncements: unneeded,
    gatherVouches: unneeded,
    gatherReports: unneeded,
    fetchGradients: unneeded,
    fetchModel: unneeded,
    drawSalt: unneeded,
    gatherDigests: unneeded,
    agreeOnScores: unneeded,
    evaluateModel: async ({ model }) => ({ mean: model.manifest === 'base' ? 4 : 3.5 }),
    async publishModel({ model }) {
      published.push(model);
    },
    async keepRoot({ message }) {
      roots.push(message);
    },
    async finishCycle({ record }) {
      records.push(record);
      return { merkleRoot: `root-${record.cycle}` };
    },
    findSubmission: async (search) => ({ file: { digest: `file of ${search.hotkey}`, bytes: 10, block: blocks(37) } }),
    pullSubmission: async ({ hotkey: miner }) => ({
      kind: 'file',
      file: { digest: `pulled file of ${miner}`, bytes: 10, block: blocks(37) },
      source: 'http://miner/file',
    }),
    fetchFromPeer: async ({ hotkey: miner }) => ({ kind: 'file', digest: `peer file of ${miner}`, bytes: 10 }),
    verifySubmission: async () => ok({ sketch: null }),
    evaluateSubmission: async (input) =>
      ok({ before: 4, after: losses[Number(input.hotkey.slice('5Miner'.length))] ?? 3 }),
    ...scenario.activities,
  };
  return {
    fakes,
    chain,
    nexts,
    records,
    merges,
    roots,
    published,
    withheld,
    asked: writes.asked,
    signed: writes.signed,
  };
}

/** A subnet with this one validator. */
const directoryAt = (block: number): PeerDirectory => ({
  block: { number: blocks(block), hash: '0x00' },
  peers: [{ hotkey: validator, uid: uid(0), stakeRao: '10', url: null }],
});

const planOf = (
  joined: ReturnType<typeof joinCycle>,
  schedule: Schedule,
  head: number,
  model: ModelRecord,
): CyclePlan => ({
  ...joined,
  genesis: '0xaa',
  netuid: netuid(1),
  hotkey: validator,
  schedule,
  scheduleNotes: [],
  head: blocks(head),
  blockTimeMs: milliseconds(0),
  groups: 4,
  evalRows: 3,
  evalSelection: 'drawn',
  evalBatchSize: 2,
  scoreRule: ruleOf('relative-drop-ema', 0.9),
  outer: { learningRate: 0.7, momentum: 0.9 },
  minimumContributors: null,
  consensusTimeoutMs: 60_000,
  seedSource: 'validator_commits',
  fixedSeed: null,
  weightsVersionKey: '0',
  weights: {
    mecid: 0,
    mode: 'full',
    policy: 'last_good',
    limits: { minCoverage: 0.5, maxMovement: 0.5, maxShare: 1, maxDeparted: 0.2 },
    resendAfterBlocks: null,
  },
  expertGroup: 0,
  model,
});
