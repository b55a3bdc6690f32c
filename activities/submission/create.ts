import type { ValidatorDeps } from '../cycle/deps.ts';
import type { SubmissionActivities } from './activities.ts';
import { evaluateSubmission } from './evaluate.ts';
import { fetchFromPeer } from './fetch-from-peer.ts';
import { findSubmission } from './find.ts';
import { pullSubmission } from './pull.ts';
import { verifySubmission } from './verify.ts';

/** All of a submission's activities over one deployment. */
export const createSubmissionActivities = (deps: ValidatorDeps): SubmissionActivities => ({
  findSubmission: findSubmission(deps),
  fetchFromPeer: fetchFromPeer(deps),
  pullSubmission: pullSubmission(deps),
  verifySubmission: verifySubmission(deps),
  evaluateSubmission: evaluateSubmission(deps),
});
