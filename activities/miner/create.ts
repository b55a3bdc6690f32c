import type { MinerIoActivities } from './activities.ts';
import { awaitNewModel } from './await-new-model.ts';
import type { MinerIoDeps } from './deps.ts';
import { downloadSlice } from './download.ts';
import { fetchVerdict } from './fetch-verdict.ts';
import { findAssigned } from './find-assigned.ts';
import { findValidator } from './find-validator.ts';
import { planMiner } from './plan-miner.ts';
import { publishArtifact } from './publish.ts';
import { tidy } from './tidy.ts';
import { uploadSubmission } from './upload.ts';

/** All activities of a miner's `io` process. */
export const createMinerIoActivities = (deps: MinerIoDeps): MinerIoActivities => ({
  planMiner: planMiner(deps),
  findValidator: findValidator(deps),
  findAssigned: findAssigned(deps),
  downloadSlice: downloadSlice(deps),
  publishArtifact: publishArtifact(deps),
  uploadSubmission: uploadSubmission(deps),
  awaitNewModel: awaitNewModel(deps),
  fetchVerdict: fetchVerdict(deps),
  async noteCycle({ cycle, hotkey, result, detail, committed }) {
    await tidy(deps, committed);
    deps.log.info(
      { event: 'miner_cycle_finished', cycle, hotkey, result, detail },
      `Cycle ${cycle}: ${result}, ${detail}`,
    );
  },
});
