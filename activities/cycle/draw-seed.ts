import { randomInt } from 'node:crypto';
import type { CycleActivities } from './activities.ts';

/** 32 bits: as large as a heartbeat commitment has room for. */
const seedLimit = 2 ** 32;

/** A seed nobody can foresee, from the system's generator; history keeps it, so a replay has the same one. */
export const drawSeed: CycleActivities['drawSeed'] = async ({ fixed }) => fixed ?? randomInt(seedLimit);
