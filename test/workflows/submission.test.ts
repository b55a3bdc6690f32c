import { describe, expect, test } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/common';
import type { ReceivedFile } from '../../activities/submission/activities.ts';
import { minerFault, ok, ourFault } from '../../domain/outcome.ts';
import type { SubmissionInput } from '../../domain/submission.ts';
import { blocks, milliseconds, netuid } from '../../domain/units.ts';
import { submissionId } from '../../temporal/ids.ts';
import { type SubmissionWorkflow, submissionReceived } from '../../workflows/submission.ts';
import { testTemporal } from '../setup/temporal.ts';
import { called, untilCancelled } from './fakes/chain.ts';
import {
  base,
  miner,
  type ValidatorFakes,
  type ValidatorScenario,
  validatorActivityNames,
  validatorScenario,
} from './fakes/validator.ts';
import { fakeWorld } from './fakes/world.ts';

const temporal = await testTemporal();
const world = fakeWorld<ValidatorFakes>(temporal, 'validator', validatorActivityNames);
const window = { start: blocks(36), end: blocks(43) };
const file: ReceivedFile = { digest: 'signalled', bytes: 10, block: blocks(38) };
const found = { file: { digest: 'in the ledger', bytes: 10, block: blocks(38) } };
const nothing = { file: null, served: true } as const;
const empty = { digest: null, lossBefore: null, lossAfter: null, w: null };

/** A submission's options for the client, with its scenario. */
function prepare(scenario: ValidatorScenario = {}, entry = miner(1)) {
  const { fakes, chain } = validatorScenario({ ...scenario, head: 36 });
  const label = world.enter(fakes);
  const input: SubmissionInput = {
    chain: label,
    netuid: netuid(1),
    validator: world.hotkey,
    cycle: 0,
    entry,
    source: { kind: 'own' },
    window,
    blockTimeMs: milliseconds(0),
    model: base,
    batch: { group: entry.group, rows: [1, 2, 3], batchSize: 2 },
    seed: 'ab'.repeat(32),
  };
  const workflowId = submissionId(label, 1, world.hotkey, 0, entry.hotkey);
  return { chain, options: { workflowId, taskQueue: world.queue, args: [input] as [SubmissionInput] } };
}

async function start(scenario?: ValidatorScenario, entry = miner(1)) {
  const { chain, options } = prepare(scenario, entry);
  const handle = await temporal.client.workflow.start<typeof SubmissionWorkflow>('SubmissionWorkflow', options);
  return { chain, handle };
}

const recordOf = async (activities: Partial<ValidatorFakes>) => (await start({ activities })).handle.result();

describe('a submission that its miner serves itself', () => {
  const elsewhere = miner(1, { artifact: { kind: 'http', url: 'http://miner/file' } });
  const later = { kind: 'later', detail: 'connection refused' } as const;
  const notThere = { kind: 'not_there', detail: '404' } as const;
  const pulling = async (activities: Partial<ValidatorFakes>) =>
    (await start({ activities: { findSubmission: async () => nothing, ...activities }, allowed: 60 }, elsewhere))
      .handle;

  test.concurrent('is fetched and judged, without waiting for a block', async () => {
    const { handle, chain } = await start({ activities: { findSubmission: async () => nothing } }, elsewhere);
    expect(await handle.result()).toMatchObject({ outcome: 'ok', digest: 'pulled file of 5Miner1', w: 0.25 });
    expect(chain.head).toBe(36);
  });

  test.concurrent('and pushed all the same is taken from the ledger', async () => {
    const handle = await (await start({}, elsewhere)).handle.result();
    expect(handle.digest).toBe('file of 5Miner1');
  });

  test.concurrent('counts if it is pushed while it is fetched, and the fetching ends', async () => {
    const began = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<void>();
    const handle = await pulling({
      pullSubmission: async () => {
        began.resolve();
        await untilCancelled().finally(() => ended.resolve());
        return later;
      },
    });
    await began.promise;
    await handle.signal(submissionReceived, file);
    expect(await handle.result()).toMatchObject({ outcome: 'ok', digest: 'signalled' });
    await ended.promise;
  });

  test.concurrent.each([
    ['miner_fault', 'not_there', notThere, 2],
    ['unknown', 'unreachable', later, 3],
    ['miner_fault', 'bad_address', { kind: 'miner_fault', reason: 'bad_address', detail: 'it is not public' }, 1],
  ] as const)('ends as %s, %s, when its server gives it to nobody', async (outcome, reason, answer, least) => {
    let asked = 0;
    const handle = await pulling({
      pullSubmission: async () => {
        asked += 1;
        return answer;
      },
    });
    expect(await handle.result()).toMatchObject({ outcome, reason, detail: answer.detail, digest: null });
    expect(asked).toBeGreaterThanOrEqual(least);
    expect(asked).toBeLessThanOrEqual(8);
  });

  test.concurrent('that comes after its first 404, within the phase, is judged', async () => {
    let asked = 0;
    const handle = await pulling({
      pullSubmission: async () => {
        asked += 1;
        return asked === 1
          ? notThere
          : { kind: 'file', file: { digest: 'late', bytes: 1, block: blocks(44) }, source: 'x' };
      },
    });
    expect(await handle.result()).toMatchObject({ outcome: 'ok', digest: 'late' });
  });
});

describe('a submission', () => {
  test.concurrent('that the ledger has at once is verified and evaluated, and no block is waited for', async () => {
    const { handle, chain } = await start({ allowed: 36 });
    expect(await handle.result()).toMatchObject({
      outcome: 'ok',
      reason: null,
      digest: 'file of 5Miner1',
      bytes: 10,
      lossBefore: 4,
      lossAfter: 3,
      w: 0.25,
      workflowId: handle.workflowId,
    });
    expect(chain.head).toBe(36);
  });

  test.concurrent('that is signalled before the workflow begins is taken', async () => {
    const { options } = prepare({ activities: { findSubmission: async () => nothing } });
    const handle = await temporal.client.workflow.signalWithStart('SubmissionWorkflow', {
      ...options,
      signal: submissionReceived,
      signalArgs: [file],
    });
    expect(await handle.result()).toMatchObject({ outcome: 'ok', digest: 'signalled' });
  });

  test.concurrent('that is signalled while it is waited for is taken before the phase ends', async () => {
    const looked = called(async () => nothing);
    const { handle, chain } = await start({ activities: { findSubmission: looked.run } });
    await looked.promise;
    await handle.signal(submissionReceived, file);
    expect(await handle.result()).toMatchObject({ outcome: 'ok', digest: 'signalled' });
    expect(chain.head).toBe(36);
  });

  test.concurrent('whose signal was lost is found in the ledger when the phase ends', async () => {
    const answers = [nothing, found];
    const record = await (
      await start({ allowed: 44, activities: { findSubmission: async () => answers.shift() ?? nothing } })
    ).handle.result();
    expect(record).toMatchObject({ outcome: 'ok', digest: 'in the ledger' });
  });

  test.concurrent.each([
    ['is the miner’s fault where our server was there to take it', true, 'miner_fault', 'no_submission'],
    ['is nobody’s fault where our server was not', false, 'unknown', 'server_absent'],
  ] as const)('that never comes %s', async (_name, served, outcome, reason) => {
    const findSubmission = async () => ({ file: null, served });
    const { handle } = await start({ allowed: 44, activities: { findSubmission } });
    expect(await handle.result()).toMatchObject({ ...empty, outcome, reason });
  });

  test.concurrent.each([
    ['bad_signature', miner(1, { modelHash: null, fault: { reason: 'bad_signature', detail: 'not over the hash' } })],
    ['no_hash', miner(1, { modelHash: null })],
  ])('with a commitment of no use ends with %s, and no activity runs', async (reason, entry) => {
    const { handle } = await start({}, entry);
    expect(await handle.result()).toMatchObject({ ...empty, outcome: 'miner_fault', reason });
    const { events } = await handle.fetchHistory();
    expect(events?.some((event) => event.activityTaskScheduledEventAttributes != null)).toBe(false);
  });
});

describe('a file', () => {
  test.concurrent.each([
    ['of other tensors is the miner’s fault', minerFault('hash', 'they hash to something else')],
    ['that our disk lost is ours', ourFault('artifact_missing', 'missing')],
  ] as const)('%s, and is not evaluated', async (_name, verdict) => {
    let evaluated = false;
    const record = await recordOf({
      verifySubmission: async () => verdict,
      evaluateSubmission: async () => {
        evaluated = true;
        return minerFault('shape', '');
      },
    });
    const { kind: outcome, ...rest } = verdict;
    expect(record).toMatchObject({ ...empty, digest: 'file of 5Miner1', outcome, ...rest });
    expect(evaluated).toBe(false);
  });

  test.concurrent('without a finite loss is the miner’s fault, as the evaluator says', async () => {
    const verdict = minerFault('non_finite_loss', '3 of 3 rows');
    const record = await recordOf({ evaluateSubmission: async () => verdict });
    expect(record).toMatchObject({
      ...empty,
      digest: 'file of 5Miner1',
      outcome: 'miner_fault',
      reason: 'non_finite_loss',
    });
  });
});

describe('a file that our own disk lost', () => {
  const lost = ourFault('artifact_missing', 'the file is missing in our store');
  const mine = miner(1, { artifact: { kind: 'http', url: 'http://miner/file' } });
  const again = { digest: 'file of 5Miner1', bytes: 10, block: blocks(38) };

  test.concurrent('is fetched once more from where the miner serves it, and judged', async () => {
    let verified = 0;
    const activities: Partial<ValidatorFakes> = {
      verifySubmission: async () => {
        verified += 1;
        return verified === 1 ? lost : ok({ sketch: null });
      },
      pullSubmission: async () => ({ kind: 'file', file: again, source: 'http://miner/file' }),
    };
    const { handle } = await start({ activities }, mine);
    expect(await handle.result()).toMatchObject({ outcome: 'ok', digest: 'file of 5Miner1' });
    expect(verified).toBe(2);
  });

  test.concurrent('and comes back as another one, or not at all, stays our fault', async () => {
    for (const digest of ['another', again.digest]) {
      const activities: Partial<ValidatorFakes> = {
        verifySubmission: async () => lost,
        pullSubmission: async () => ({ kind: 'file', file: { ...again, digest }, source: 'http://miner/file' }),
      };
      const { handle } = await start({ activities }, mine);
      expect(await handle.result()).toMatchObject({
        ...empty,
        digest: again.digest,
        outcome: 'our_fault',
        reason: 'artifact_missing',
      });
    }
  });
});

describe('what our own process cannot do', () => {
  test.concurrent('is our fault after the last attempt, with what it died of', async () => {
    let attempts = 0;
    const record = await recordOf({
      evaluateSubmission: async () => {
        attempts += 1;
        throw ApplicationFailure.create({
          type: 'OST_MODEL_CHILD_DIED',
          message: `killed ${attempts} times`,
          nextRetryDelay: '10ms',
        });
      },
    });
    expect(attempts).toBe(4);
    expect(record).toMatchObject({
      digest: 'file of 5Miner1',
      outcome: 'our_fault',
      reason: 'evaluator',
      detail: 'killed 4 times',
      w: null,
    });
  });

  test.concurrent.each([
    ['findSubmission', 'ledger'],
    ['verifySubmission', 'verifier'],
    ['evaluateSubmission', 'evaluator'],
  ] as const)('in %s is our fault at once where another attempt would give the same', async (name, reason) => {
    const broken = async (): Promise<never> => {
      throw ApplicationFailure.nonRetryable('no such thing', 'OST_ARTIFACT_MISSING');
    };
    expect(await recordOf({ [name]: broken })).toMatchObject({
      outcome: 'our_fault',
      reason,
      detail: 'no such thing',
      w: null,
    });
  });

  test.concurrent.each([
    ['waiting', null],
    ['evaluating', 'file of 5Miner1'],
  ] as const)('in time, still %s when it is cancelled, is our fault and keeps what is known', async (state, digest) => {
    const busy = called(() => (state === 'waiting' ? Promise.resolve(nothing) : untilCancelled()));
    const activities = state === 'waiting' ? { findSubmission: busy.run } : { evaluateSubmission: busy.run };
    const { handle } = await start({ activities: activities as Partial<ValidatorFakes> });
    await busy.promise;
    await handle.cancel();
    expect(await handle.result()).toMatchObject({ digest, outcome: 'our_fault', reason: 'deadline', w: null });
  });
});
