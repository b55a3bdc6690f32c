import type { CycleActivities } from './activities.ts';
import type { ValidatorDeps } from './deps.ts';
import { drawSeed } from './draw-seed.ts';
import { finishCycle } from './finish-cycle.ts';
import { freezeRoster } from './freeze-roster.ts';
import { evaluateModel, publishModel } from './model.ts';
import { planCycle } from './plan-cycle.ts';
import { readWeightsFacts, recordWithheld } from './weights-facts.ts';

/** All of a cycle's activities over one deployment. */
export const createCycleActivities = (deps: ValidatorDeps): CycleActivities => ({
  planCycle: planCycle(deps),
  drawSeed,
  freezeRoster: freezeRoster(deps),
  scoreState: ({ netuid, hotkey, rule, before }) =>
    deps.ledger.scores.state({ genesis: deps.chain.genesis, netuid, hotkey }, rule, before),
  readWeightsFacts: readWeightsFacts(deps),
  recordWithheld: recordWithheld(deps),
  evaluateModel: evaluateModel(deps),
  publishModel: publishModel(deps),
  finishCycle: finishCycle(deps),
  async keepRoot({ message }) {
    await deps.ledger.peers.record(message, message.block);
  },
});
