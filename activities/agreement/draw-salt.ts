import { randomBytes } from 'node:crypto';
import type { AgreementActivities } from './activities.ts';

const saltBytes = 16;

export const drawSalt: AgreementActivities['drawSalt'] = async () => ({
  salt: randomBytes(saltBytes).toString('hex'),
});
