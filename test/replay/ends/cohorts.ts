import { cohortId } from '../../../temporal/ids.ts';
import { called, untilCancelled } from '../../workflows/fakes/chain.ts';
import { miner, validatorScenario } from '../../workflows/fakes/validator.ts';
import { afterwards, beginCycle } from './cycle-stage.ts';
import type { Scene, Stage } from './stage.ts';

/** One more than a cohort holds, so that there is a small second one. */
const miners = Array.from({ length: 33 }, (_, number) => miner(number));
const last = miner(32);

const second = ({ validator }: Stage, label: string) => ({
  workflowId: cohortId(label, 1, validator.hotkey, 0, 'own-1'),
});

/** How a part of a large cycle's submissions ends. */
export const cohortScenes: readonly Scene[] = [
  {
    label: 'cohortjudged',
    play: async (stage, label) => {
      const { handle, judged, chain } = await beginCycle(stage, label, { miners });
      await Promise.all(miners.map((_, number) => judged(number)));
      chain.allow(afterwards);
      await handle.result();
      return { 'CohortWorkflow/judged': second(stage, label) };
    },
  },
  {
    label: 'cohortcutoff',
    play: async (stage, label) => {
      const { evaluateSubmission } = validatorScenario().fakes;
      const slow = called(() => untilCancelled());
      const { handle, judged, chain } = await beginCycle(stage, label, {
        miners,
        activities: {
          evaluateSubmission: (input) => (input.hotkey === last.hotkey ? slow.run() : evaluateSubmission(input)),
        },
      });
      await Promise.all(miners.slice(0, -1).map((_, number) => judged(number)));
      await slow.promise;
      chain.allow(afterwards);
      await handle.result();
      return { 'CohortWorkflow/cut-off': second(stage, label) };
    },
  },
];
