import { defineErrors } from './define.ts';

/** The ledger and the protection record. */
export const ledgerErrors = defineErrors({
  OST_PROTECTION_CONFLICT: {
    fault: 'bug',
    what: 'Another weight vector was already signed for period {period} of subnet {netuid} by {hotkey}.',
    todo: 'Nothing was signed. If the same hotkey runs elsewhere, stop one of the two.',
  },
});
