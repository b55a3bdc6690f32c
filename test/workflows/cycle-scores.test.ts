import { describe, expect, test } from '@jest/globals';
import { ok } from '../../domain/outcome.ts';
import { noPast } from '../../domain/scoring/past.ts';
import { netuid } from '../../domain/units.ts';
import { verifyCycleRecord } from '../../domain/verify-cycle.ts';
import { cycleId } from '../../temporal/ids.ts';
import type { CycleWorkflow } from '../../workflows/cycle.ts';
import { testTemporal } from '../setup/temporal.ts';
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
const three = [miner(1), miner(2), miner(3)];
// ValidatorCommit2 of the demo's first cycle ends here.
const cycleEnds = 69;

/** The record of one whole cycle; the chain stands still in Submission until every miner is evaluated. */
async function recordOf(scenario: ValidatorScenario) {
  const seen = validatorScenario(scenario);
  const waiting = new Set(scenario.miners?.map(({ hotkey }) => hotkey));
  const evaluateSubmission: ValidatorFakes['evaluateSubmission'] = async (input) => {
    const judged = await seen.fakes.evaluateSubmission(input);
    waiting.delete(input.hotkey);
    if (waiting.size === 0) seen.chain.allow(cycleEnds);
    return judged;
  };
  const label = world.enter({ ...seen.fakes, evaluateSubmission });
  await temporal.client.workflow.execute<typeof CycleWorkflow>('CycleWorkflow', {
    workflowId: cycleId(label, 1, world.hotkey),
    taskQueue: world.queue,
    args: [{ chain: label, netuid: netuid(1), hotkey: world.hotkey, cyclesLeft: 1 }],
  });
  const record = seen.records.at(-1);
  if (record === undefined) throw new Error('no cycle');
  return record;
}

describe('a cycle', () => {
  test.concurrent('scores by the strategy that its plan names, and records it with all that it went by', async () => {
    const scoreRule = { name: 'ranked', version: 1 } as const;
    const record = await recordOf({ miners: three, losses: { 1: 3.5, 2: 3, 3: 4 }, scoreRule });
    expect(record).toMatchObject({ scoreRule, peerWeights: [] });
    expect(record.scores.map(({ observation }) => observation)).toEqual([1.5, 2.25, 0]);
    expect(record.vector.map(({ weight }) => weight)).toEqual([43_690, 65_535]);
    const differences = verifyCycleRecord({ record, state: noPast });
    // The roster of this test assigns by hand.
    expect(differences.filter(({ what }) => what !== 'assignment')).toEqual([]);
  });

  test.concurrent('finds a copy by its sketch, and gives its weight to nobody else', async () => {
    const sketch = 'A'.repeat(171);
    const record = await recordOf({
      miners: [miner(1), miner(5)],
      activities: { verifySubmission: async () => ok({ sketch }) },
    });
    expect(record.submissions.map(({ outcome }) => outcome)).toEqual(['ok', 'miner_fault']);
    const copyOf = { hotkey: miner(1).hotkey, measure: 'updates', similarity: 1 };
    expect(record.submissions[1]).toMatchObject({ sketch, copyOf });
    expect(record.vector).toEqual([{ hotkey: '5Miner1', weight: 65535 }]);
  });
});
