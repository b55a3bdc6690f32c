import { describe, expect, test } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/common';
import type { AgreementSummary } from '../../domain/agreement/record.ts';
import { readDigest, readTable } from '../../domain/agreement/table.ts';
import { bodyDigest, type SignedPeerMessage } from '../../domain/peers/message.ts';
import { blocks, hotkey, netuid, uid } from '../../domain/units.ts';
import { cycleId, submissionId } from '../../temporal/ids.ts';
import type { CycleWorkflow } from '../../workflows/cycle.ts';
import { testTemporal } from '../setup/temporal.ts';
import { untilCancelled } from './fakes/chain.ts';
import { judged } from './fakes/judged.ts';
import {
  miner,
  type ValidatorFakes,
  type ValidatorScenario,
  validatorActivityNames,
  validatorScenario,
} from './fakes/validator.ts';
import { fakeWorld } from './fakes/world.ts';

const temporal = await testTemporal();
const world = fakeWorld<ValidatorFakes>(temporal, 'validator', validatorActivityNames);
const miners = [miner(1), miner(2)];
const [second, third] = [hotkey('5Validator2'), hotkey('5Validator3')];
const validators = [world.hotkey, second, third];
// Blocks of the demo's first cycle: Merge 54–61; digests until 57, tables until 61.
const [digestsBy, tablesBy] = [57, 61];
/** Where the validators' models are read back. */
const afterwards = 70;

const summary = (changes: Partial<AgreementSummary> = {}): AgreementSummary => ({
  full: true,
  result: 'agreed',
  directoryBlock: blocks(54),
  digestsBy: blocks(digestsBy),
  tablesBy: blocks(tablesBy),
  heardRao: '3',
  totalRao: '3',
  peers: validators.map((each) => ({ hotkey: each, stakeRao: '1', outcome: 'agreed', detail: null, digest: null })),
  values: [
    { hotkey: miners[0]?.hotkey ?? world.hotkey, w: 0.125, lossBefore: 4, voters: 3, stakeRao: '3' },
    { hotkey: miners[1]?.hotkey ?? world.hotkey, w: 0.25, lossBefore: 4, voters: 3, stakeRao: '3' },
  ],
  contested: [],
  ...changes,
});

interface Scene extends ValidatorScenario {
  readonly heard?: readonly (readonly string[])[];
  readonly agreement?: AgreementSummary;
  /** What takes the place of activities that all succeed. */
  readonly instead?: Partial<ValidatorFakes>;
}

/** Plays the first cycle of one of three validators. Own w is 0.25 for miner 1 and 0.125 for miner 2. */
async function play({ heard = [validators], agreement = summary(), instead = {}, ...scenario }: Scene = {}) {
  const steps: string[] = [];
  const said: SignedPeerMessage[] = [];
  const rounds = [...heard];
  const peer = (each: (typeof validators)[number], number: number) => ({
    hotkey: each,
    uid: uid(number),
    stakeRao: '1',
    url: `http://127.0.0.1:${number + 1}`,
  });
  const seen = validatorScenario({
    miners,
    losses: { 1: 3, 2: 3.5 },
    ...scenario,
    activities: {
      readPeers: async ({ block }) => ({ block: { number: block, hash: '0x00' }, peers: validators.map(peer) }),
      keepMessage: async () => undefined,
      gatherAnnouncements: async () => [],
      gatherVouches: async () => [],
      gatherReports: async () => [],
      findSubmission: async ({ hotkey: of }) => {
        const digest = Buffer.from(of).toString('hex').padEnd(64, '0');
        return { file: { digest, bytes: 10, block: blocks(37) } };
      },
      drawSalt: async () => ({ salt: '7'.repeat(32) }),
      async sayToPeers({ message, until }) {
        if (message.purpose.startsWith('scores')) {
          said.push(message);
          steps.push(`${message.purpose} until ${until}`);
        }
        return { unreached: [] };
      },
      async awaitMessages({ purpose, until }) {
        if (purpose.startsWith('scores')) steps.push(`await ${purpose} until ${until}`);
      },
      async gatherDigests() {
        const here = rounds.length > 1 ? rounds.shift() : rounds[0];
        steps.push(`${here?.length ?? 0} digests`);
        return { heard: (here ?? []).map(hotkey) };
      },
      async agreeOnScores(input) {
        steps.push(`agree by ${input.digestsBy} and ${input.tablesBy} of cycle ${input.cycle}`);
        return agreement;
      },
      ...instead,
    },
  });
  const label = world.enter(seen.fakes);
  const handle = await temporal.client.workflow.start<typeof CycleWorkflow>('CycleWorkflow', {
    workflowId: cycleId(label, 1, world.hotkey),
    taskQueue: world.queue,
    args: [{ chain: label, netuid: netuid(1), hotkey: world.hotkey, cyclesLeft: 1 }],
  });
  await Promise.all(
    (scenario.miners ?? miners).map((each) =>
      judged(temporal.client, submissionId(label, 1, world.hotkey, 0, each.hotkey)),
    ),
  );
  seen.chain.allow(afterwards);
  await handle.result();
  return { steps, said, record: seen.records.at(-1) };
}

/** A message is on its way while the answers are waited for, so that the two are in no order. */
const isWait = (step: string): boolean => step.startsWith('await');
const isNoWait = (step: string): boolean => !isWait(step);

const observed = (record: Awaited<ReturnType<typeof play>>['record']) =>
  record?.scores.map(({ observation }) => observation);

describe('validators that agree on scores', () => {
  test.concurrent('show digests first, then tables, and publish what was agreed', async () => {
    const { steps, said, record } = await play();
    expect(steps.filter(isNoWait)).toEqual([
      `scores-digest until ${digestsBy}`,
      '3 digests',
      `scores-table until ${tablesBy}`,
      `agree by ${digestsBy} and ${tablesBy} of cycle 0`,
    ]);
    expect(steps.filter(isWait)).toEqual([
      `await scores-digest until ${digestsBy - 1}`,
      `await scores-table until ${tablesBy - 1}`,
    ]);
    const [digest, table] = said.map(({ body }) => body);
    expect(readDigest(digest ?? '')).toBe(bodyDigest(table ?? ''));
    expect(readTable(table ?? '')).toMatchObject({
      by: world.hotkey,
      salt: '7'.repeat(32),
      rows: [
        { hotkey: '5Miner1', outcome: 'ok', w: 0.25 },
        { hotkey: '5Miner2', outcome: 'ok', w: 0.125 },
      ],
    });
    expect(observed(record)).toEqual([0.125, 0.25]);
    expect(record?.vector.map(({ weight }) => weight)).toEqual([32768, 65535]);
    // The record keeps both: what this validator measured, and what counted.
    expect(record?.submissions.map(({ w }) => w)).toEqual([0.25, 0.125]);
    expect(record?.agreement).toEqual({ ...summary(), tables: [] });
    expect(record?.notes).toEqual([]);
  });

  test.concurrent('wait for the digests’ deadline where one is missing, and no longer', async () => {
    const { steps } = await play({ heard: [validators.slice(0, 2)] });
    expect(steps.filter(isNoWait).slice(1, 4)).toEqual(['2 digests', '2 digests', `scores-table until ${tablesBy}`]);
    expect(steps.filter(isWait).slice(0, 2)).toEqual([
      `await scores-digest until ${digestsBy - 1}`,
      `await scores-digest until ${digestsBy}`,
    ]);
  });

  test.concurrent('publish their own where too little was heard, and say so', async () => {
    const agreement = summary({ full: false, result: 'alone', heardRao: '1', values: [] });
    const { record } = await play({ agreement });
    expect(observed(record)).toEqual([0.25, 0.125]);
    expect(record).toMatchObject({ agreement: { result: 'alone', full: false } });
    expect(record?.notes).toEqual([
      { phase: 'Merge', note: 'scores: fewer than half of the stake were heard, own values published' },
    ]);
  });

  test.concurrent('publish their own where nothing can be asked', async () => {
    const drawSalt = async (): Promise<never> => {
      throw ApplicationFailure.nonRetryable('no randomness', 'OST_TEST');
    };
    const { record } = await play({ instead: { drawSalt } });
    expect(observed(record)).toEqual([0.25, 0.125]);
    expect(record?.agreement).toBeUndefined();
    expect(record?.notes).toMatchObject([{ note: expect.stringContaining('scores: drawSalt') }]);
  });

  test.concurrent('show no table while a chain that stands still keeps the digests’ round open', async () => {
    const awaitMessages: ValidatorFakes['awaitMessages'] = ({ purpose }) =>
      purpose.startsWith('scores') ? untilCancelled() : Promise.resolve();
    const agreement = summary({ full: false, result: 'alone', values: [] });
    const { steps, record } = await play({ agreement, consensusTimeoutMs: 500, instead: { awaitMessages } });
    expect(steps).not.toContain(`scores-table until ${tablesBy}`);
    expect(steps.at(-1)).toBe(`agree by ${digestsBy} and ${tablesBy} of cycle 0`);
    expect(observed(record)).toEqual([0.25, 0.125]);
  });

  test.concurrent('go on after a crash with the table that they announced', async () => {
    let drawn = 0;
    let attempts = 0;
    const { said, steps } = await play({
      instead: {
        async drawSalt() {
          drawn += 1;
          return { salt: String(drawn).padStart(32, '0') };
        },
        // A worker dies between the digest and the table: what it was at is done once more, what was before is not.
        async gatherDigests() {
          attempts += 1;
          if (attempts === 1) throw ApplicationFailure.retryable('the worker died', 'OST_TEST');
          return { heard: validators };
        },
      },
    });
    const [digest, table] = said.map(({ body }) => body);
    expect([drawn, attempts]).toEqual([1, 2]);
    expect(readDigest(digest ?? '')).toBe(bodyDigest(table ?? ''));
    expect(steps.filter((step) => step.startsWith('scores-digest'))).toHaveLength(1);
  });

  test.concurrent('say that they abstain where their own cycle does', async () => {
    const broken = async (): Promise<never> => {
      throw ApplicationFailure.nonRetryable('out of memory', 'OST_MODEL_CHILD_DIED');
    };
    const three = [...miners, miner(3)];
    const agreement = summary({ full: false, result: 'abstained', values: [] });
    const { said, record } = await play({ miners: three, agreement, instead: { evaluateSubmission: broken } });
    expect(readTable(said[1]?.body ?? '')).toMatchObject({ abstains: true, rows: [] });
    expect(record).toMatchObject({ result: 'abstained', scores: [], agreement: { result: 'abstained' } });
  });
});
