import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { CycleRecord } from '../../domain/cycle-record.ts';
import { cycleLength, phaseAt, phaseRange } from '../../domain/phases.ts';
import { temporaryFolder } from '../adapters/model/reference.ts';
import { testTemporal } from '../setup/temporal.ts';
import { until } from '../stack/gate.ts';
import { type Included, includedIn } from '../stack/read-outcome.ts';
import { ScriptedMiner } from '../stack/scripted-miner.ts';
import { Stack, subnet } from '../stack/stack.ts';
import { trainedFile } from '../stack/trained-file.ts';

const temporal = await testTemporal();
/** Time enough for a miner to commit and to submit. */
const fastBlockMs = 50;

interface Taken {
  readonly cycle: number;
  readonly hotkey: string;
  readonly digest: string;
}

describe('on a chain that waits for nobody, a validator that is killed twice', () => {
  let records: readonly (CycleRecord | null)[];
  let taken: readonly Taken[];
  let periods: readonly number[];
  let vectors: number;
  let included: readonly Included[];
  let schedule: Stack['schedule'];
  let exitCode: number | null = null;
  let errors: readonly string[] = [];

  beforeAll(async () => {
    await using files = await temporaryFolder();
    await using stack = await Stack.open({
      temporal: { address: temporal.address, connection: temporal.client.connection },
      salt: 'free run',
      schedule: [2, 2, 4, 4, 12, 6, 4, 3, 3],
      miners: [],
      scripted: ['bob'],
      steps: 1,
      blockTimeMs: 700,
    });
    ({ schedule } = stack);
    const { log, gate } = stack;
    const miner = await ScriptedMiner.of(stack, 'bob', await trainedFile(files.path));
    await Promise.all([stack.start('validator'), stack.start('server')]);
    const ledger = await stack.ledger();
    // Where the machine was slow to start it, cycle 0 was over before there was a validator.
    const firstCycle = Number((await log.wait({ event: 'phase_entered' })).fields['cycle']);
    const stop = new AbortController();
    const mining = mine(stack, miner, stop.signal);
    try {
      // Once with a submission in hand, and once for so long that a whole cycle passes.
      await log.wait({ event: 'submission_accepted' });
      await stack.kill('validator');
      await stack.start('validator');
      const since = log.mark();
      await log.wait({ event: 'phase_entered', source: 'validator', since });
      await stack.kill('validator');
      // Nobody is left who could be late for them, so the blocks of these cycles come faster.
      const missed = phaseAt(schedule, gate.head).cycle + 1;
      while (gate.head <= phaseRange(schedule, missed, 'ValidatorCommit2').end) {
        await gate.build();
        await sleep(fastBlockMs);
      }
      const back = log.mark();
      await stack.start('validator');
      // The first that it finishes may be the one that it was killed in.
      const { fields } = await log.wait({ event: 'cycle_finished', source: 'validator', since: back });
      await until('a later cycle', async () => {
        const latest = (await ledger.cycles.latest(stack.validator))?.record;
        // On a busy machine one more may come too late for its blocks.
        return latest !== undefined && latest.vector.length > 0 && latest.cycle > Number(fields['cycle']) ? true : null;
      });
    } finally {
      stop.abort();
      await mining;
    }
    exitCode = await stack.stop('validator');
    errors = log.errors();

    const latest = (await ledger.cycles.latest(stack.validator))?.record.cycle ?? -1;
    const cycles = Array.from({ length: latest + 1 - firstCycle }, (_, index) => firstCycle + index);
    records = await Promise.all(
      cycles.map(async (cycle) => (await ledger.cycles.get(stack.validator, cycle))?.record ?? null),
    );
    const scope = { chain: stack.chainLabel, netuid: subnet, validator: stack.validator };
    taken = (await Promise.all(cycles.map((cycle) => ledger.submissions.list({ ...scope, cycle })))).flat();
    periods = (await ledger.protection.list()).map(({ period }) => period);
    included = await includedIn(stack);
    vectors = included.filter(({ call }) => call === 'subtensorModule.setWeights').length;
  }, 400_000);

  test('leaves a record of every cycle, missed ones as missed', () => {
    expect(records.filter((record) => record === null)).toEqual([]);
    expect(records.some((record) => record?.result === 'missed')).toBe(true);
  });

  test('judges whatever its server took in a cycle that it did not miss', () => {
    expect(taken.length).toBeGreaterThan(0);
    for (const { cycle, hotkey, digest } of taken) {
      const record = records.find((each) => each?.cycle === cycle);
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
    expect(vectors).toBeGreaterThan(0);
    expect(vectors).toBeLessThanOrEqual(periods.length);
    const nonces = included.map(({ signer, nonce }) => `${signer} ${nonce}`);
    expect(new Set(nonces).size).toBe(nonces.length);
  });

  test('ends in order in the middle of a cycle', () => {
    expect(exitCode).toBe(0);
    expect(errors).toEqual([]);
  });
});

/**
 * Takes part in every cycle until it is told to stop. It lives in the process that builds the blocks, so that a busy
 * machine makes it no later than the chain.
 */
async function mine(stack: Stack, miner: ScriptedMiner, stop: AbortSignal): Promise<void> {
  const { schedule, gate } = stack;
  const reach = (block: number) =>
    until(`block ${block}`, async () => (gate.head >= block || stop.aborted ? true : null));
  for (let { cycle } = phaseAt(schedule, gate.head); !stop.aborted; cycle += 1) {
    await reach(phaseRange(schedule, cycle, 'MinerCommit1').start);
    if (gate.head > phaseRange(schedule, cycle, 'MinerCommit1').end) continue;
    await miner.commitSignature();
    await reach(phaseRange(schedule, cycle, 'MinerCommit2').start);
    await miner.commitHash(0);
    await reach(phaseRange(schedule, cycle, 'Submission').start + 1);
    // A refusal is no news here: what counts is what the ledger says was taken.
    if (!stop.aborted) await miner.submit();
  }
}
