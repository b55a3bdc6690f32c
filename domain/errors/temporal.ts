import { defineErrors } from './define.ts';

/** Finding, starting and reaching Temporal. */
export const temporalErrors = defineErrors({
  OST_TEMPORAL_UNREACHABLE: {
    fault: 'ours',
    what: 'No Temporal server answers at {address}.',
    todo: 'Start it, or unset TEMPORAL_ADDRESS to have one started.',
  },
});
