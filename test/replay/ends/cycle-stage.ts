import { netuid } from '../../../domain/units.ts';
import { cycleId, submissionId } from '../../../temporal/ids.ts';
import type { CycleWorkflow } from '../../../workflows/cycle.ts';
import { judged } from '../../workflows/fakes/judged.ts';
import { miner, type ValidatorScenario, validatorScenario } from '../../workflows/fakes/validator.ts';
import type { Shown, Stage } from './stage.ts';

/** The block after the demo's first cycle, at which models are read back. */
export const afterwards = 70;

/** Begins a cycle; its chain stands still in Submission. */
export async function beginCycle({ validator }: Stage, label: string, scenario: ValidatorScenario = {}) {
  const seen = validatorScenario(scenario);
  validator.scripts.set(label, seen.fakes);
  const { client } = validator;
  const handle = await client.workflow.start<typeof CycleWorkflow>('CycleWorkflow', {
    workflowId: cycleId(label, 1, validator.hotkey),
    taskQueue: validator.queue,
    args: [{ chain: label, netuid: netuid(1), hotkey: validator.hotkey, cyclesLeft: 1 }],
  });
  const submission = (number: number): string => submissionId(label, 1, validator.hotkey, 0, miner(number).hotkey);
  return { ...seen, handle, submission, judged: (number: number) => judged(client, submission(number)) };
}

/** Plays a cycle to its end: the chain goes on as soon as every miner is judged. */
export async function playCycle(stage: Stage, label: string, scenario: ValidatorScenario = {}): Promise<Shown> {
  const { handle, judged: isJudged, chain } = await beginCycle(stage, label, scenario);
  await Promise.all((scenario.miners ?? []).map(({ uid }) => isJudged(uid)));
  chain.allow(afterwards);
  await handle.result();
  return { workflowId: handle.workflowId };
}
