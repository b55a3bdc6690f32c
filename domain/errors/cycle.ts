import { defineErrors } from './define.ts';

/** Cycles, submissions and scores. */
export const cycleErrors = defineErrors({
  OST_CYCLE_PHASE_MISSED: {
    fault: 'ours',
    what: 'The phase {phase} of cycle {cycle} ended at block {endBlock}, before its work was done.',
    todo: 'The next cycle goes on by itself; if it stays, the machine is too slow for this schedule.',
  },
});
