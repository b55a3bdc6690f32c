import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { hotkey, netuid } from '../../domain/units.ts';
import { cycleId, submissionId } from '../../temporal/ids.ts';
import type { CycleWorkflow } from '../../workflows/cycle.ts';
import { testTemporal } from '../setup/temporal.ts';
import { untilCancelled } from './fakes/chain.ts';
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
const peer = hotkey('5Peer');
// Blocks of the demo's first cycle: Submission 36–43, Validate 44–53, Merge 54–61, ValidatorCommit2 66–69.
const mergeBegins = 54;
const cycleEnds = 69;

async function start(scenario: ValidatorScenario) {
  const seen = validatorScenario(scenario);
  const label = world.enter(seen.fakes);
  const handle = await temporal.client.workflow.start<typeof CycleWorkflow>('CycleWorkflow', {
    workflowId: cycleId(label, 1, world.hotkey),
    taskQueue: world.queue,
    args: [{ chain: label, netuid: netuid(1), hotkey: world.hotkey, cyclesLeft: 1 }],
  });
  const judged = (number: number) =>
    finished(temporal.client.workflow.getHandle(submissionId(label, 1, world.hotkey, 0, miner(number).hotkey)));
  return { ...seen, handle, judged };
}

/** The result of a submission that may not have been begun yet. */
async function finished(handle: { readonly result: () => Promise<unknown> }): Promise<unknown> {
  for (;;) {
    try {
      return await handle.result();
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'WorkflowNotFoundError') throw error;
      await sleep(50);
    }
  }
}

const outcomes = (
  record: { readonly submissions: readonly { readonly outcome: string; readonly reason: string | null }[] } | undefined,
) => record?.submissions.map(({ outcome, reason }) => [outcome, reason]);

/** Two miners, of which the second is assigned to another validator. */
const shared = (activities: Partial<ValidatorFakes> = {}): ValidatorScenario => {
  const miners = [miner(1), miner(2)];
  const { fakes } = validatorScenario({ miners });
  const freezeRoster: ValidatorFakes['freezeRoster'] = async (input) => {
    const frozen = await fakes.freezeRoster(input);
    if (frozen.kind !== 'ok') return frozen;
    const assignment = [
      { validator: world.hotkey, miners: [miner(1).hotkey] },
      { validator: peer, miners: [miner(2).hotkey] },
    ];
    const roster = { ...frozen.value, entries: miners, seats: miners, assignment, assigned: [miner(1).hotkey] };
    return { ...frozen, value: roster };
  };
  return { miners, activities: { freezeRoster, ...activities } };
};

describe('a miner that is assigned to another validator', () => {
  test.concurrent('is judged by that one’s file, and left out of the own step', async () => {
    const asked: unknown[] = [];
    const fetchFromPeer: ValidatorFakes['fetchFromPeer'] = async (input) => {
      asked.push(input);
      return { kind: 'file', digest: 'file at the peer', bytes: 11 };
    };
    const { handle, judged, chain, records, merges } = await start(shared({ fetchFromPeer }));
    await Promise.all([judged(1), judged(2)]);
    chain.allow(cycleEnds);
    await handle.result();
    const [record] = records;
    expect(asked).toEqual([
      { signed: { peer, block: 36, signature: 'A'.repeat(86) }, hotkey: miner(2).hotkey, cycleIndex: 0 },
    ]);
    expect(record?.submissions[1]).toMatchObject({ outcome: 'ok', digest: 'file at the peer', bytes: 11, w: 0.25 });
    expect(record?.scores.map(({ after }) => after)).toEqual([0.25, 0.25]);
    expect(merges.map(({ accepted }) => accepted.map((each) => each.hotkey))).toEqual([[miner(1).hotkey]]);
    expect(record?.assignment).toEqual([
      { validator: world.hotkey, miners: [miner(1).hotkey] },
      { validator: peer, miners: [miner(2).hotkey] },
    ]);
  });

  test.concurrent('stays as it is where that one is away, after a few attempts', async () => {
    let asked = 0;
    const fetchFromPeer: ValidatorFakes['fetchFromPeer'] = async () => {
      asked += 1;
      return { kind: 'absent', detail: 'away' };
    };
    const running = await start(shared({ fetchFromPeer }));
    running.chain.allow(mergeBegins - 1);
    expect(await running.judged(2)).toMatchObject({
      outcome: 'unknown',
      reason: 'peer_absent',
      detail: 'away',
    });
    running.chain.allow(cycleEnds);
    await running.handle.result();
    const [record] = running.records;
    expect(outcomes(record)).toEqual([
      ['ok', null],
      ['unknown', 'peer_absent'],
    ]);
    expect(record?.result).toBe('completed');
    expect(record?.scores.map((each) => each.hotkey)).toEqual([miner(1).hotkey]);
    // Once within the Submission phase, and three times after it.
    expect(asked).toBe(4);
  });

  test.concurrent('stays as it is where Merge begins first', async () => {
    const { fakes } = validatorScenario();
    const slow: ValidatorFakes['evaluateSubmission'] = (input) =>
      input.hotkey === '5Miner2' ? untilCancelled() : fakes.evaluateSubmission(input);
    const running = await start(shared({ evaluateSubmission: slow }));
    await running.judged(1);
    running.chain.allow(cycleEnds);
    expect(await running.handle.result()).toMatchObject({ result: 'completed', improved: 1 });
    expect(outcomes(running.records[0])).toEqual([
      ['ok', null],
      ['unknown', 'no_time'],
    ]);
  });
});
