import type { ValidatorDeps } from '../cycle/deps.ts';
import type { SubmissionActivities } from './activities.ts';
import { evaluateSubmission } from './evaluate.ts';
import { findSubmission } from './find.ts';
import { verifySubmission } from './verify.ts';

/** All of a submission's activities over one deployment. */
export const createSubmissionActivities = (deps: ValidatorDeps): SubmissionActivities => ({
  findSubmission: findSubmission(deps),
  verifySubmission: verifySubmission(deps),
  evaluateSubmission: evaluateSubmission(deps),
});
