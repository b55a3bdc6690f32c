import { defineErrors } from './define.ts';

/** Committed weights, and other writers with the same key. */
export const weightsErrors = defineErrors({
  OST_CHAIN_EPOCH_NEAR: {
    fault: 'chain',
    what: 'The epoch is about to end, and a commitment must not slip into the next one ({detail}).',
    todo: 'The writer waits for the next epoch by itself.',
  },
  OST_CHAIN_REVEAL_DROPPED: {
    fault: 'chain',
    retry: false,
    what: 'The chain does not hold weights that were committed, and said nothing ({detail}).',
    todo: 'The vector is committed again where no newer one is there. If it stays, check stake, permit and beacon.',
  },
  OST_CHAIN_REVEAL_MISPLACED: {
    fault: 'chain',
    retry: false,
    what: 'The epochs of the subnet have shifted, so that committed weights open too late ({detail}).',
    todo: 'The vector is committed again for the new epoch by itself.',
  },
  OST_WRITER_FOREIGN_WRITE: {
    fault: 'operator',
    what: 'Another deployment signs with this hotkey ({detail}).',
    todo: 'Writing has stopped. Stop one of the two, then say which lives: "ostinato writer resolve this" or "other".',
  },
  OST_WRITER_RETIRED: {
    fault: 'operator',
    what: 'This deployment writes no more for {hotkey}: the operator said that another one lives.',
    todo: 'If that was a mistake: "ostinato writer resolve this".',
  },
  OST_WRITER_NOT_STOPPED: {
    fault: 'operator',
    what: 'The writer of {hotkey} has not stopped, so there is nothing to decide.',
    todo: 'See "ostinato writer status".',
  },
});
