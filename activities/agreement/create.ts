import type { ValidatorDeps } from '../cycle/deps.ts';
import type { AgreementActivities } from './activities.ts';
import { agreeOnScores, gatherDigests } from './agree.ts';
import { drawSalt } from './draw-salt.ts';

/** All of an agreement's activities over one deployment. */
export const createAgreementActivities = (deps: ValidatorDeps): AgreementActivities => ({
  drawSalt,
  gatherDigests: gatherDigests(deps),
  agreeOnScores: agreeOnScores(deps),
});
