import type { ValidatorDeps } from '../cycle/deps.ts';
import type { MergeActivities } from './activities.ts';
import { readCommitted, readPeers } from './committed.ts';
import { fetchGradients } from './fetch-gradients.ts';
import { fetchModel } from './fetch-model.ts';
import { gatherAnnouncements, gatherReports, gatherVouches } from './gather.ts';
import { accumulateGradients, mergeGradients } from './gradients.ts';
import { awaitMessages, keepMessage, sayToPeers } from './say.ts';

/** All of a merge's activities over one deployment. */
export const createMergeActivities = (deps: ValidatorDeps): MergeActivities => ({
  readPeers: readPeers(deps),
  accumulateGradients: accumulateGradients(deps),
  keepMessage: keepMessage(deps),
  sayToPeers: sayToPeers(deps),
  awaitMessages: awaitMessages(deps),
  gatherAnnouncements: gatherAnnouncements(deps),
  gatherVouches: gatherVouches(deps),
  gatherReports: gatherReports(deps),
  fetchGradients: fetchGradients(deps),
  mergeGradients: mergeGradients(deps),
  readCommitted: readCommitted(deps),
  fetchModel: fetchModel(deps),
});
