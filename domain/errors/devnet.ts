import { defineErrors } from './define.ts';

/** The embedded chain. */
export const devnetErrors = defineErrors({
  OST_DEVNET_STATE_LOCKED: {
    fault: 'operator',
    what: 'The chain state in {folder} is in use by process {pid}.',
    todo: 'Stop that process, or give another folder.',
  },
});
