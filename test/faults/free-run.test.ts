import { beforeAll, describe, expect, test } from '@jest/globals';
import type { CycleRecord } from '../../domain/cycle-record.ts';
import { cycleLength } from '../../domain/phases.ts';
import { testTemporal } from '../setup/temporal.ts';
import { until } from '../stack/gate.ts';
import { type Included, includedIn } from '../stack/read-outcome.ts';
import { Stack, subnet } from '../stack/stack.ts';

const temporal = await testTemporal();

interface Taken {
  readonly cycle: number;
  readonly hotkey: string;
  readonly digest: string;
}

describe('on a chain that waits for nobody, a validator that is killed twice', () => {
  let records: readonly (CycleRecord | null)[];
  let taken: readonly Taken[];
  let periods: readonly number[];
  let vectors: readonly number[];
  let included: readonly Included[];
  let schedule: Stack['schedule'];
  let exitCode: number | null = null;
  let errors: readonly string[] = [];

  beforeAll(async () => {
    await using stack = await Stack.open({
      temporal: { address: temporal.address, connection: temporal.client.connection },
      salt: 'free run',
      schedule: [4, 6, 3, 3, 6, 4, 4, 3, 3],
      miners: ['bob'],
      steps: 4,
      blockTimeMs: 500,
    });
    ({ schedule } = stack);
    const { log, gate } = stack;
    const length = cycleLength(schedule);
    const cycleNow = (): number => Math.floor(gate.head / length);
    const ledger = await startedLedger(stack);

    // Once with a submission in hand, and once for so long that a whole cycle passes.
    await log.wait({ event: 'submission_accepted' });
    await stack.kill('validator');
    await stack.start('validator');
    const since = log.mark();
    await log.wait({ event: 'phase_entered', source: 'validator', since });
    await stack.kill('validator');
    const gone = cycleNow();
    await until('a cycle without a validator', async () => (cycleNow() >= gone + 2 ? true : null));
    const back = log.mark();
    await stack.start('validator');
    const { fields } = await log.wait({ event: 'cycle_finished', source: 'validator', since: back });
    const first = Number(fields['cycle']);
    await until('the cycles after it', async () =>
      ((await ledger.cycles.latest(stack.validator))?.record.cycle ?? -1 > first + 1) ? true : null,
    );
    exitCode = await stack.stop('validator');
    errors = log.errors();

    const latest = (await ledger.cycles.latest(stack.validator))?.record.cycle ?? -1;
    const cycles = Array.from({ length: latest + 1 }, (_, cycle) => cycle);
    records = await Promise.all(
      cycles.map(async (cycle) => (await ledger.cycles.get(stack.validator, cycle))?.record ?? null),
    );
    const scope = { chain: stack.chainLabel, netuid: subnet, validator: stack.validator };
    taken = (await Promise.all(cycles.map((cycle) => ledger.submissions.list({ ...scope, cycle })))).flat();
    periods = (await ledger.protection.list()).map(({ period }) => period);
    included = await includedIn(stack);
    vectors = included.flatMap(({ call, block }) => (call === 'subtensorModule.setWeights' ? [block] : []));
  }, 400_000);

  test('leaves a record of every cycle, missed ones as missed', () => {
    expect(records.filter((record) => record === null)).toEqual([]);
    expect(records.some((record) => record?.result === 'missed')).toBe(true);
  });

  test('judges whatever its server took in a cycle that it did not miss', () => {
    expect(taken.length).toBeGreaterThan(0);
    for (const { cycle, hotkey, digest } of taken) {
      const record = records[cycle];
      if (record?.result === 'missed') continue;
      expect(record?.submissions.filter((each) => each.hotkey === hotkey)).toEqual([
        expect.objectContaining({ outcome: expect.stringMatching(/^(ok|our_fault)$/) }),
      ]);
      expect(record?.submissions.map((each) => each.digest)).toContain(digest);
    }
  });

  test('signs one vector a period and sends no extrinsic twice', () => {
    const length = cycleLength(schedule);
    expect(new Set(periods).size).toBe(periods.length);
    expect(periods.every((period) => period % length === 0)).toBe(true);
    expect(vectors.length).toBeLessThanOrEqual(periods.length);
    const nonces = included.map(({ signer, nonce }) => `${signer} ${nonce}`);
    expect(new Set(nonces).size).toBe(nonces.length);
  });

  test('ends in order in the middle of a cycle', () => {
    expect(exitCode).toBe(0);
    expect(errors).toEqual([]);
  });
});

/** All processes on a chain that runs already; the miner looks for the validator's address until it is there. */
async function startedLedger(stack: Stack) {
  await Promise.all([stack.start('validator'), stack.start('server')]);
  await Promise.all(stack.miners.map((name) => stack.start(name)));
  return stack.ledger();
}
