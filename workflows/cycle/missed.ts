import type { CyclePlan } from '../../domain/cycle-plan.ts';
import type { CycleRecord } from '../../domain/cycle-record.ts';
import { phaseRange } from '../../domain/phases.ts';

/** The record of a cycle that nobody worked on: all scores and the model stay, and the gap is in the ledger. */
export function missedCycle(
  plan: CyclePlan,
  cycle: number,
  identity: Pick<CycleRecord, 'chain' | 'workflowId' | 'runId'>,
): CycleRecord {
  return {
    ...identity,
    genesis: plan.genesis,
    netuid: plan.netuid,
    hotkey: plan.hotkey,
    cycle,
    startBlock: phaseRange(plan.schedule, cycle, 'Distribute').start,
    endBlock: phaseRange(plan.schedule, cycle, 'ValidatorCommit2').end,
    schedule: plan.schedule,
    result: 'missed',
    seed: null,
    batches: [],
    submissions: [],
    scores: [],
    scoreRule: plan.scoreRule,
    vector: [],
    weightsKey: null,
    modelBefore: plan.model,
    modelAfter: plan.model,
    heldOut: null,
    notes: [{ phase: 'Distribute', note: `missed: no validator was at work; found at block ${plan.head}` }],
  };
}
