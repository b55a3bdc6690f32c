import { mergeId } from '../../../temporal/ids.ts';
import { called, untilCancelled } from '../../workflows/fakes/chain.ts';
import { base, miner } from '../../workflows/fakes/validator.ts';
import { amongPeers, merged, others } from './among-peers.ts';
import { afterwards, beginCycle, playCycle } from './cycle-stage.ts';
import { ended, type Scene, type Stage } from './stage.ts';

const miners = [miner(1)];
const mergeOf = ({ validator }: Stage, label: string) => ({ workflowId: mergeId(label, 1, validator.hotkey, 0) });

/** How merges end among several validators. */
export const mergeScenes: readonly Scene[] = [
  {
    label: 'threemerged',
    play: async (stage, label) => {
      const { hotkey: own } = stage.validator;
      const all = [own, ...others];
      const activities = amongPeers({ own, heard: all, vouched: all, committed: merged });
      return {
        'CycleWorkflow/completed-among-three': await playCycle(stage, label, { miners, activities }),
        'MergeWorkflow/merged-among-three': mergeOf(stage, label),
      };
    },
  },
  {
    label: 'threealone',
    play: async (stage, label) => {
      const { hotkey: own } = stage.validator;
      const activities = amongPeers({ own, heard: [], vouched: [], committed: merged });
      return {
        // All others have another model than this one.
        'CycleWorkflow/completed-resynced': await playCycle(stage, label, { miners, activities }),
        'MergeWorkflow/alone': mergeOf(stage, label),
      };
    },
  },
  {
    label: 'threeincomplete',
    play: async (stage, label) => {
      const { hotkey: own } = stage.validator;
      const all = [own, ...others];
      const activities = amongPeers({ own, heard: [own, others[0]], vouched: all, committed: base });
      await playCycle(stage, label, { miners, activities });
      return { 'MergeWorkflow/incomplete': mergeOf(stage, label) };
    },
  },
  {
    label: 'mergecancelled',
    play: async (stage, label) => {
      const adding = called(() => untilCancelled());
      const running = await beginCycle(stage, label, { miners, activities: { accumulateGradients: adding.run } });
      await running.judged(1);
      running.chain.allow(afterwards);
      await adding.promise;
      await stage.validator.client.workflow.getHandle(mergeOf(stage, label).workflowId).cancel();
      await ended(running.handle);
      return {
        'MergeWorkflow/cancelled': mergeOf(stage, label),
        'CycleWorkflow/missed-merge-cancelled': { workflowId: running.handle.workflowId },
      };
    },
  },
];
