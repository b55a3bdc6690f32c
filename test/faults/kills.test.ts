import { beforeAll, describe, expect, test } from '@jest/globals';
import { phaseRange } from '../../domain/phases.ts';
import { weightsKey, writerId } from '../../temporal/ids.ts';
import { testTemporal } from '../setup/temporal.ts';
import type { Seen } from '../stack/event-log.ts';
import { until } from '../stack/gate.ts';
import { type Disturbances, playCycle } from '../stack/play-cycle.ts';
import { readOutcome } from '../stack/read-outcome.ts';
import { Stack, subnet } from '../stack/stack.ts';
import { startAll } from '../stack/start-all.ts';

const temporal = await testTemporal();
const cycles = [0, 1];

interface Played {
  readonly outcome: Awaited<ReturnType<typeof readOutcome>>;
  /** How often each extrinsic of a vector was signed. */
  readonly signatures: readonly number[];
  readonly accepted: number;
}

/** Two cycles, with somebody killed at the moments that `kills` names. */
async function play(kills: (stack: Stack) => readonly [Disturbances, Disturbances]): Promise<Played> {
  await using stack = await Stack.open({
    temporal: { address: temporal.address, connection: temporal.client.connection },
    salt: 'kills',
    schedule: [2, 2, 3, 3, 4, 4, 3, 3, 3],
    miners: ['bob', 'charlie'],
    steps: 8,
  });
  await startAll(stack);
  const [first, second] = kills(stack);
  await playCycle(stack, 0, 0, first);
  await playCycle(stack, 1, stack.log.mark(), second);
  const ledger = await stack.ledger();
  const signed = await Promise.all(
    cycles.map((cycle) => ledger.prepared.list(weightsKey(subnet, 0, cycleStart(stack, cycle)))),
  );
  return {
    outcome: await readOutcome(stack, cycles),
    signatures: signed.map(({ length }) => length),
    accepted: stack.log.all({ event: 'submission_accepted' }).length,
  };
}

const cycleStart = ({ schedule }: Stack, cycle: number): number => phaseRange(schedule, cycle, 'Distribute').start;

/** Enough of the file for the server to have judged the form and begun to write. */
const halfAnUpload = 300_000;

const killsOf = (stack: Stack): readonly [Disturbances, Disturbances] => {
  const { log, uploads } = stack;
  let held: Promise<void> = Promise.resolve();
  const stopEvaluator = async (): Promise<void> => {
    // Whoever waits for it can then be killed in the middle of an evaluation and not after it.
    process.kill(stack.helper('evaluator', 'validator').pid, 'SIGSTOP');
  };
  const first: Disturbances = {
    training: async () => {
      await Promise.all(
        stack.miners.map((source) => log.wait({ source, event: 'training_step', fields: { step: 3 } })),
      );
      expect(log.all({ event: 'training_done' })).toEqual([]);
      process.kill(stack.helper('trainer', 'charlie').pid, 'SIGKILL');
      await stack.kill('bob');
      await stack.start('bob');
    },
    beforeSubmission: async () => {
      held = uploads.holdUpload(stack.hotkey('bob'), halfAnUpload);
      await stopEvaluator();
    },
    submission: async () => {
      await held;
      await log.wait({ event: 'evaluation_started', fields: { hotkey: stack.hotkey('charlie') } });
      await Promise.all([stack.kill('bob'), stack.kill('validator')]);
      await Promise.all([stack.start('bob'), stack.start('validator')]);
    },
    beforeMerge: stopEvaluator,
    merging: async () => {
      await log.wait({ event: 'model_merged' });
      // The new model is in the store, and nobody has been told of it.
      await stack.kill('validator');
      expect(log.all({ event: 'model_published' })).toEqual([]);
      await stack.start('validator');
    },
    ending: async () => {
      const ledger = await stack.ledger();
      await until('the record of cycle 0', () => ledger.cycles.get(stack.validator, 0), 1);
      await stack.kill('validator');
      await stack.start('validator');
    },
  };
  const second: Disturbances = {
    training: async () => {
      const mine = { source: 'charlie', since: log.mark() };
      const stepOf = ({ fields }: Seen): number => Number(fields['step']);
      await log.wait({ ...mine, event: 'training_step', fields: { cycle: 1, step: 3 } });
      // SIGTERM is no kill: the last step is saved first, and the miner ends in order. The trainer stands still until
      // it is asked to leave, or it might be done before.
      const { pid } = stack.helper('trainer', 'charlie');
      process.kill(pid, 'SIGSTOP');
      const ended = stack.stop('charlie');
      await log.wait({ ...mine, event: 'training_suspended' });
      process.kill(pid, 'SIGCONT');
      expect(await ended).toBe(0);
      const reached =
        log
          .all({ ...mine, event: 'training_step' })
          .map(stepOf)
          .at(-1) ?? Number.NaN;
      expect(log.all({ ...mine, event: 'training_done' })).toEqual([]);
      const again = log.mark();
      await stack.start('charlie');
      const resumed = await log.wait({ ...mine, event: 'training_started', since: again });
      expect(stepOf(resumed)).toBe(reached + 1);
    },
    committing: async () => {
      await stack.kill('bob');
      // Its commitment was in the pool; it is in this block, and nobody has told it so.
      await stack.gate.build();
      await stack.start('bob');
    },
    beforeSubmission: async () => {
      held = uploads.holdUpload(stack.hotkey('charlie'), halfAnUpload);
    },
    submission: async () => {
      await held;
      await stack.kill('server');
      await stack.start('server');
    },
    beforeMerge: async () => {
      process.kill(stack.helper('signer', 'validator').pid, 'SIGSTOP');
    },
    merging: async () => {
      const preparing = async (): Promise<boolean> => {
        const id = writerId(stack.chainLabel, stack.validator);
        const { raw } = await stack.client('validator').workflow.getHandle(id).describe();
        return (raw.pendingActivities ?? []).some(({ activityType }) => activityType?.name === 'prepareExtrinsic');
      };
      await until('the signature is asked for', async () => ((await preparing()) ? true : null));
      // The worker stands still while its signer answers: the bytes are signed and recorded, and nobody sends them.
      stack.signal('validator', 'SIGSTOP');
      process.kill(stack.helper('signer', 'validator').pid, 'SIGCONT');
      await until('the signature is given', async () => ((await preparing()) ? null : true));
      await stack.kill('validator');
      expect(await stack.gate.pending()).toEqual([]);
      await stack.start('validator');
    },
  };
  return [first, second];
};

describe('a run in which processes are killed at eight places and one told to end', () => {
  let calm: Played;
  let killed: Played;

  beforeAll(async () => {
    // Side by side: a killed process's heartbeats have to run out, and the other run has the machine meanwhile.
    const [first, second] = await Promise.allSettled([play(() => [{}, {}]), play(killsOf)]);
    if (first.status === 'rejected') throw first.reason;
    if (second.status === 'rejected') throw second.reason;
    calm = first.value;
    killed = second.value;
  }, 600_000);

  test('judges, scores and merges as the run without kills does', () => {
    expect(calm.outcome.records.map(({ result }) => result)).toEqual(['completed', 'completed']);
    expect(killed.outcome.records).toEqual(calm.outcome.records);
  });

  test('lowers the held-out loss in each of the two cycles, the second from where the first had come to', () => {
    const [first, second] = killed.outcome.records.map(({ heldOut }) => heldOut);
    expect(first?.after).toBeLessThan(first?.before ?? 0);
    expect(second?.before).toBeCloseTo(first?.after ?? 0, 5);
    expect(second?.after).toBeLessThan(second?.before ?? 0);
  });

  test('publishes the same model', () => {
    expect(killed.outcome.served).toEqual(calm.outcome.served);
    expect(killed.outcome.served).toMatchObject({ hash: killed.outcome.records.at(-1)?.modelAfter.hash });
  });

  test('leaves the same weights on chain, and one vector a period in the protection record', () => {
    expect(killed.outcome.onChain).toEqual(calm.outcome.onChain);
    expect(killed.outcome.onChain).toHaveLength(2);
    expect(killed.outcome.protection).toEqual(calm.outcome.protection);
    expect(killed.outcome.protection.map(({ period }) => period)).toEqual([27, 0]);
  });

  test('takes each submission once', () => {
    expect(killed.outcome.receipts).toEqual(calm.outcome.receipts);
    expect(killed.accepted).toBe(4);
  });

  test('sends each extrinsic once, under a nonce of its own, and signs no vector twice', () => {
    expect(killed.outcome.extrinsics).toEqual(calm.outcome.extrinsics);
    for (const { calls } of killed.outcome.extrinsics) {
      expect(calls.map((call) => Number(call.split(' ')[0]))).toEqual(calls.map((_, index) => index));
    }
    expect(killed.signatures).toEqual([1, 1]);
  });
});
