import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { netuid } from '../../domain/units.ts';
import type { OperatorVerb } from '../../domain/weights-review.ts';
import { codeOf } from '../../temporal/failures.ts';
import { cycleId, submissionId } from '../../temporal/ids.ts';
import { decideWeights, pendingWeights } from '../../workflows/cycle/messages.ts';
import type { CycleWorkflow } from '../../workflows/cycle.ts';
import { testTemporal } from '../setup/temporal.ts';
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
const [one, two] = [miner(1), miner(2)];
/** The last block of the demo's first cycle, at which the policy decides. */
const cycleEnds = 69;
const nearlyOver = 66;
const loose = { minCoverage: 0, maxMovement: 1, maxShare: 1, maxDeparted: 1 };
const tight = { minCoverage: 0.5, maxMovement: 0.5, maxShare: 0.6, maxDeparted: 0.2 };
/** Miner 1 gets two thirds of the weight. */
const uneven = { miners: [one, two], losses: { 1: 3, 2: 3.5 } } as const;
const held = { ...uneven, weights: { limits: tight } } as const;
const by = 'the operator';

async function start(scenario: ValidatorScenario) {
  const seen = validatorScenario(scenario);
  const label = world.enter(seen.fakes);
  const handle = await temporal.client.workflow.start<typeof CycleWorkflow>('CycleWorkflow', {
    workflowId: cycleId(label, 1, world.hotkey),
    taskQueue: world.queue,
    args: [{ chain: label, netuid: netuid(1), hotkey: world.hotkey, cyclesLeft: 1 }],
  });
  // The chain stands still in Submission until every miner is judged, and short of the deadline until a test says so.
  await Promise.all(
    (scenario.miners ?? []).map(({ hotkey }) =>
      judged(temporal.client, submissionId(label, 1, world.hotkey, 0, hotkey)),
    ),
  );
  seen.chain.allow(nearlyOver);
  const vectors = () => seen.asked.filter(({ call }) => call.kind === 'set_weights').map(({ call }) => call);
  const pending = async () => {
    for (;;) {
      const found = await handle.query(pendingWeights);
      if (found !== null) return found;
      await setTimeout(50);
    }
  };
  const decide = (verb: OperatorVerb, cycle = 0) => handle.executeUpdate(decideWeights, { args: [{ cycle, verb }] });
  const finish = async () => {
    seen.chain.allow(cycleEnds);
    await handle.result();
    return seen.records.at(-1);
  };
  return { ...seen, handle, vectors, pending, decide, finish };
}

async function until(done: () => boolean): Promise<void> {
  while (!done()) await setTimeout(50);
}

const refusal = async (attempt: Promise<unknown>): Promise<string | null> =>
  attempt.then(
    () => null,
    (error: unknown) => codeOf(error instanceof Error ? error.cause : undefined),
  );

describe('a vector that trips a guardrail', () => {
  test.concurrent('waits where everybody can see it, while the model is committed', async () => {
    const { pending, handle, vectors, finish, ...seen } = await start(held);
    expect(await pending()).toMatchObject({
      cycle: 0,
      mode: 'full',
      policy: 'last_good',
      deadline: cycleEnds,
      trips: [{ kind: 'share', hotkey: one.hotkey, most: 0.6 }],
    });
    const { searchAttributes } = await handle.describe();
    expect([searchAttributes['NeedsOperator'], searchAttributes['Reason']]).toEqual([[true], ['share']]);
    expect(vectors()).toEqual([]);
    const record = await finish();
    expect(seen.asked.map(({ call }) => call.kind)).toEqual(['set_commitment', 'set_commitment', 'set_commitment']);
    expect(record).toMatchObject({
      vector: [],
      weightsKey: null,
      review: { decision: 'late_nothing', proposed: [{ hotkey: one.hotkey }, { hotkey: two.hotkey }], by: null },
    });
    expect((await handle.describe()).searchAttributes['NeedsOperator']).toEqual([false]);
  });

  test.concurrent('is published as it is when an operator approves it', async () => {
    const { pending, decide, vectors, finish } = await start(held);
    const { vector } = await pending();
    expect(await decide({ kind: 'approve', by })).toBe('approved');
    const record = await finish();
    await until(() => vectors().length > 0);
    expect(vectors()).toMatchObject([{ kind: 'set_weights', weights: vector, period: 0 }]);
    expect(record).toMatchObject({ vector, weightsKey: 'weights/1/0/0', review: { decision: 'approved', by } });
  });

  test.concurrent('is replaced by what an operator amends it to', async () => {
    const { pending, decide, vectors, finish } = await start(held);
    await pending();
    const weights = [
      { hotkey: one.hotkey, weight: 1 },
      { hotkey: two.hotkey, weight: 1 },
    ];
    expect(await decide({ kind: 'amend', by, reason: 'both alike', weights })).toBe('amended');
    const record = await finish();
    await until(() => vectors().length > 0);
    expect(vectors()).toMatchObject([{ weights: weights.map((each) => ({ ...each, weight: 65_535 })) }]);
    expect(record?.review).toMatchObject({ decision: 'amended', reason: 'both alike', by });
  });

  test.concurrent('is not published when an operator vetoes it', async () => {
    const { pending, decide, vectors, finish } = await start(held);
    await pending();
    expect(await decide({ kind: 'veto', by, reason: 'looks like a copy ring' })).toBe('vetoed');
    const record = await finish();
    expect(vectors()).toEqual([]);
    expect(record).toMatchObject({ vector: [], review: { decision: 'vetoed', reason: 'looks like a copy ring' } });
  });

  test.concurrent('gives way at the deadline block to the last good one', async () => {
    const lastGood = [{ hotkey: two.hotkey, weight: 65_535 }];
    const limits = { ...tight, maxShare: 1, maxMovement: 0.3 };
    const { pending, vectors, finish } = await start({ ...uneven, lastGood, weights: { limits } });
    expect((await pending()).trips).toMatchObject([{ kind: 'movement' }]);
    const record = await finish();
    // The writer takes it up when the cycle is over.
    await until(() => vectors().length > 0);
    expect(vectors()).toMatchObject([{ weights: lastGood, period: 0 }]);
    expect(record).toMatchObject({ vector: lastGood, review: { decision: 'late_last_good' } });
  });

  test.concurrent('is decided on once, for the cycle that was looked at, and in a form that makes sense', async () => {
    const { pending, decide, finish } = await start(held);
    await pending();
    expect(await refusal(decide({ kind: 'approve', by }, 7))).toBe('OST_WEIGHTS_NOTHING_PENDING');
    expect(await refusal(decide({ kind: 'veto', by, reason: '' }))).toBe('OST_WEIGHTS_DECISION');
    expect(await decide({ kind: 'approve', by })).toBe('approved');
    expect(await refusal(decide({ kind: 'veto', by, reason: 'too late' }))).toBe('OST_WEIGHTS_NOTHING_PENDING');
    await finish();
  });
});

describe('a hotkey whose last update is old', () => {
  const lastGood = [
    { hotkey: two.hotkey, weight: 65_535 },
    { hotkey: miner(9).hotkey, weight: 65_535 },
  ];
  /** Nobody improved anything, and nobody has a score. */
  const idle = { miners: [one, two], losses: { 1: 4, 2: 4 }, lastGood } as const;

  test.concurrent('has its last good vector sent again, under a period of its own kind', async () => {
    const { vectors, finish } = await start({ ...idle, weights: { resendAfterBlocks: 50 } });
    await until(() => vectors().length > 0);
    expect(vectors()).toEqual([
      {
        kind: 'set_weights',
        netuid: 1,
        mecid: 0,
        period: 20,
        resend: true,
        // Who left gets nothing.
        weights: [{ hotkey: two.hotkey, weight: 65_535 }],
        versionKey: '0',
      },
    ]);
    expect(await finish()).toMatchObject({
      vector: [],
      weightsKey: null,
      notes: [{ phase: 'Merge', note: 'resent the last good vector: the last update was at block 0' }],
    });
  });

  test.concurrent.each([
    ['it is not as old as the limit', { ...idle, weights: { resendAfterBlocks: 500 } }],
    ['there is no limit', idle],
    ['it never set any', { ...idle, lastGood: [], weights: { resendAfterBlocks: 1 } }],
    ['the cycle has a vector of its own', { ...uneven, lastGood, weights: { resendAfterBlocks: 1 } }],
  ])('has nothing sent again where %s', async (_, scenario: ValidatorScenario) => {
    const { vectors, finish } = await start({ ...scenario, weights: { ...scenario.weights, limits: loose } });
    expect((await finish())?.notes).toEqual([]);
    expect(vectors().filter((call) => call.kind === 'set_weights' && call.resend === true)).toEqual([]);
  });

  test.concurrent('has nothing sent in place of a vector that was vetoed', async () => {
    const { pending, decide, vectors, finish } = await start({
      ...held,
      lastGood,
      weights: { limits: tight, resendAfterBlocks: 1 },
    });
    await pending();
    await decide({ kind: 'veto', by, reason: 'stop' });
    await finish();
    expect(vectors()).toEqual([]);
  });
});

test.concurrent('a mechanism other than the first has a vector and a key of its own', async () => {
  const { vectors, finish } = await start({ ...uneven, weights: { mecid: 2 } });
  expect(await finish()).toMatchObject({ weightsKey: 'weights/1/2/0' });
  await until(() => vectors().length > 0);
  expect(vectors()).toMatchObject([{ kind: 'set_weights', mecid: 2, period: 0 }]);
});

describe('the mode', () => {
  test.concurrent('vote holds back what nothing is wrong with', async () => {
    const { pending, decide, vectors, finish } = await start({ ...uneven, weights: { mode: 'vote' } });
    expect(await pending()).toMatchObject({ mode: 'vote', trips: [] });
    expect(vectors()).toEqual([]);
    await decide({ kind: 'approve', by });
    expect((await finish())?.review).toMatchObject({ mode: 'vote', decision: 'approved' });
    await until(() => vectors().length > 0);
    expect(vectors()).toHaveLength(1);
  });

  test.concurrent('watch asks for nothing at all', async () => {
    const { finish, withheld, ...seen } = await start({ ...uneven, weights: { mode: 'watch' } });
    const record = await finish();
    expect(seen.asked).toEqual([]);
    expect(withheld).toEqual([]);
    expect(record).toMatchObject({ result: 'completed', notes: [], review: { mode: 'watch', decision: 'withheld' } });
    expect(record?.vector).toHaveLength(2);
  });

  test.concurrent('dry-run asks for nothing and records what it would have', async () => {
    const { finish, withheld, ...seen } = await start({ ...uneven, weights: { mode: 'dry-run', limits: tight } });
    const record = await finish();
    expect(seen.asked).toEqual([]);
    expect(withheld.map(({ key }) => key)).toEqual([
      'commitment/1/0/MinerCommit1',
      'weights/1/0/0',
      'commitment/1/0/ValidatorCommit2',
    ]);
    expect(record?.review).toMatchObject({ decision: 'withheld', trips: [{ kind: 'share' }] });
  });
});
