import { ApplicationFailure } from '@temporalio/common';
import { mergeId } from '../../../temporal/ids.ts';
import { untilCancelled } from '../../workflows/fakes/chain.ts';
import { miner, validatorScenario } from '../../workflows/fakes/validator.ts';
import { afterwards, beginCycle, playCycle } from './cycle-stage.ts';
import { ended, type Scene, type Stage } from './stage.ts';

const broken = async (): Promise<never> => {
  throw ApplicationFailure.nonRetryable('another attempt would give the same', 'OST_ARTIFACT_MISSING');
};
const one = [miner(1)];
const mergeOf = ({ validator }: Stage, label: string) => ({
  workflowId: mergeId(label, 1, validator.hotkey, 0),
});

/** How a cycle ends where a healthy subnet does not show it. */
export const cycleScenes: readonly Scene[] = [
  {
    label: 'unimproved',
    play: async (stage, label) => ({
      'CycleWorkflow/no_improvement': await playCycle(stage, label, { miners: one, losses: { 1: 4 } }),
      'MergeWorkflow/nothing': mergeOf(stage, label),
    }),
  },
  {
    label: 'abstained',
    play: async (stage, label) => ({
      'CycleWorkflow/abstained': await playCycle(stage, label, {
        miners: [miner(1), miner(2), miner(3)],
        activities: { evaluateSubmission: broken },
      }),
    }),
  },
  {
    label: 'unread',
    play: async (stage, label) => ({
      'CycleWorkflow/abstained-commitments-unknown': await playCycle(stage, label, {
        activities: {
          freezeRoster: async () => ({ kind: 'unknown', reason: 'state_pruned', detail: 'gone', seats: one }),
        },
      }),
    }),
  },
  {
    label: 'stepfailed',
    play: async (stage, label) => ({
      'CycleWorkflow/missed-step-failed': await playCycle(stage, label, {
        miners: one,
        activities: { mergeGradients: broken },
      }),
      'MergeWorkflow/failed': mergeOf(stage, label),
    }),
  },
  {
    label: 'nobody',
    play: async (stage, label) => {
      const { handle } = await beginCycle(stage, label, { head: 80, allowed: 139, first: 0 });
      await handle.result();
      return { 'CycleWorkflow/missed-nobody-at-work': { workflowId: handle.workflowId } };
    },
  },
  {
    label: 'withheld',
    play: async (stage, label) => ({
      'CycleWorkflow/completed-withheld': await playCycle(stage, label, { miners: one, weights: { mode: 'dry-run' } }),
    }),
  },
  {
    label: 'terminated',
    play: async (stage, label) => {
      const slow = { evaluateSubmission: untilCancelled };
      const running = await beginCycle(stage, label, { miners: [miner(1), miner(2)], activities: only(2, slow) });
      await running.judged(1);
      await stage.validator.client.workflow.getHandle(running.submission(2)).terminate('by force');
      running.chain.allow(afterwards);
      await running.handle.result();
      return { 'CycleWorkflow/completed-submission-terminated': { workflowId: running.handle.workflowId } };
    },
  },
  {
    label: 'cancelled',
    play: async (stage, label) => {
      const { handle, judged } = await beginCycle(stage, label, { miners: one });
      await judged(1);
      await handle.cancel();
      await ended(handle);
      return { 'CycleWorkflow/cancelled': { workflowId: handle.workflowId } };
    },
  },
  {
    label: 'unplanned',
    play: async (stage, label) => {
      const { handle } = await beginCycle(stage, label, { activities: { planCycle: broken } });
      await ended(handle);
      return { 'CycleWorkflow/failed': { workflowId: handle.workflowId } };
    },
  },
];

/** Evaluates one miner's submission by other means than the others'. */
function only(number: number, { evaluateSubmission: instead }: { readonly evaluateSubmission: () => Promise<never> }) {
  const { evaluateSubmission } = validatorScenario().fakes;
  return {
    evaluateSubmission: (input: Parameters<typeof evaluateSubmission>[0]) =>
      input.hotkey === miner(number).hotkey ? instead() : evaluateSubmission(input),
  };
}
