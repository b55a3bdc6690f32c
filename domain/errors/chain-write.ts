import { defineErrors } from './define.ts';

/**
 * Why the chain did not take an extrinsic: the codes of the failure classes in domain/chain-failure.ts. Outcomes
 * carry them more often than exceptions do.
 */
export const chainWriteErrors = defineErrors({
  OST_CHAIN_WEIGHTS_TOO_FAST: {
    fault: 'chain',
    what: 'Weights were set too recently ({detail}).',
    todo: 'The writer waits for the allowed block by itself.',
  },
  OST_CHAIN_SERVING_TOO_FAST: {
    fault: 'chain',
    what: 'An axon was served too recently ({detail}).',
    todo: 'The writer waits by itself.',
  },
  OST_CHAIN_COMMITMENT_TOO_FAST: {
    fault: 'chain',
    what: 'The room for commitments of this epoch is used up ({detail}).',
    todo: 'Commit less often; it is free again in the next epoch.',
  },
  OST_CHAIN_REVEAL_TOO_EARLY: {
    fault: 'chain',
    what: 'The reveal window is not open ({detail}).',
    todo: 'The writer waits by itself.',
  },
  OST_CHAIN_COMMIT_MISSING: {
    fault: 'chain',
    retry: false,
    what: 'The chain holds no commit that this reveal belongs to ({detail}).',
    todo: 'These weights cannot be revealed any more; the next vector makes a commit of its own.',
  },
  OST_CHAIN_COMMIT_EXPIRED: {
    fault: 'chain',
    retry: false,
    what: 'The epoch in which the commit had to be revealed has passed ({detail}).',
    todo: 'These weights are lost; the next vector makes a commit of its own. Look why the reveal came late.',
  },
  OST_CHAIN_RATE_LIMITED: {
    fault: 'chain',
    what: 'A rate limit of the chain was hit ({detail}).',
    todo: 'The writer waits by itself.',
  },
  OST_CHAIN_NONCE_STALE: {
    fault: 'chain',
    what: 'The nonce is used already ({detail}).',
    todo: 'The writer looks for its extrinsic and signs anew if another one took the nonce.',
  },
  OST_CHAIN_NONCE_FUTURE: {
    fault: 'chain',
    what: 'An earlier nonce is missing ({detail}).',
    todo: 'The writer waits by itself.',
  },
  OST_CHAIN_POOL_BUSY: {
    fault: 'chain',
    what: 'The pool of the endpoint did not take the extrinsic for now ({detail}).',
    todo: 'The same bytes are sent again by themselves.',
  },
  OST_CHAIN_ALREADY_IMPORTED: {
    fault: 'chain',
    what: 'The pool holds this extrinsic already ({detail}).',
    todo: 'Nothing to do: the writer waits for its inclusion.',
  },
  OST_CHAIN_TX_LOST: {
    fault: 'chain',
    what: 'The pool gave the extrinsic up ({detail}).',
    todo: 'The same bytes are sent again by themselves.',
  },
  OST_CHAIN_TX_EXPIRED: {
    fault: 'chain',
    what: 'The era of the extrinsic has passed ({detail}).',
    todo: 'The writer signs anew once no block can hold the old one any more.',
  },
  OST_CHAIN_NO_PERMIT: {
    fault: 'chain',
    retry: false,
    what: 'The hotkey has no validator permit ({detail}).',
    todo: 'Stake more; permits are given anew at each epoch. The writer tries again by itself.',
  },
  OST_CHAIN_LOW_STAKE: {
    fault: 'chain',
    retry: false,
    what: 'The stake is below what setting weights needs ({detail}).',
    todo: 'Stake more; the writer tries again by itself.',
  },
  OST_CHAIN_NOT_REGISTERED: {
    fault: 'chain',
    retry: false,
    what: 'The hotkey is not registered on this subnet ({detail}).',
    todo: 'Register it; the writer tries again by itself.',
  },
  OST_CHAIN_VERSION_KEY: {
    fault: 'config',
    what: 'The subnet wants a newer weights version ({detail}).',
    todo: 'Update the validator; the writer tries again by itself.',
  },
  OST_CHAIN_KEY_SWAP: {
    fault: 'chain',
    retry: false,
    what: 'The coldkey announced a swap, which blocks its calls ({detail}).',
    todo: 'Wait for the swap to end; the writer tries again by itself.',
  },
  OST_CHAIN_CALL_FILTERED: {
    fault: 'chain',
    retry: false,
    what: 'The chain does not take this call at present ({detail}).',
    todo: 'Safe mode or a pause of the chain; the writer tries again by itself.',
  },
  OST_CHAIN_COMMIT_REVEAL: {
    fault: 'config',
    what: 'The subnet wants weights in another form ({detail}).',
    todo: 'Commit-reveal was switched; the writer takes the other road by itself.',
  },
  OST_CHAIN_CALL_INVALID: {
    fault: 'bug',
    what: 'The chain refuses the call as malformed ({detail}).',
    todo: 'Trying again would give the same; please report it with this text.',
  },
  OST_CHAIN_PAYMENT: {
    fault: 'config',
    what: 'The account cannot pay for the call ({detail}).',
    todo: 'Weights, commitments and axons are free when sent plainly; fund the account or check the chain.',
  },
  OST_CHAIN_DISPATCH: {
    fault: 'chain',
    retry: false,
    what: 'The chain refused the call with an error that this version does not know ({detail}).',
    todo: 'Look the name up in the documentation of the chain.',
  },
  OST_CHAIN_BAD_SIGNATURE: {
    fault: 'bug',
    what: 'The chain says that a fresh signature is wrong ({detail}).',
    todo: 'Runtime and client disagree about the signed payload; update Ostinato.',
  },
  OST_CHAIN_BAD_ORIGIN: {
    fault: 'bug',
    what: 'The chain does not allow this account to make the call ({detail}).',
    todo: 'Only root or the subnet owner may make it.',
  },
  OST_CHAIN_KEY_REUSED: {
    fault: 'bug',
    what: 'The key {key} was asked before with another content.',
    todo: 'Nothing was sent. One key stands for one write.',
  },
  OST_CHAIN_DEADLINE: {
    fault: 'ours',
    retry: false,
    what: 'Block {deadline} passed before {key} was included.',
    todo: 'The cycle records it as missed; the next one goes on by itself.',
  },
  OST_CHAIN_NO_WEIGHTS_LEFT: {
    fault: 'ours',
    retry: false,
    what: 'None of the hotkeys of the vector is registered on subnet {netuid} any more.',
    todo: 'Nothing was signed; the next vector goes on by itself.',
  },
  OST_CHAIN_EFFECT_ABSENT: {
    fault: 'chain',
    retry: false,
    what: 'The chain took the call without an error, but its state does not show it ({detail}).',
    todo: 'Another process may write with the same hotkey; stop one of the two.',
  },
  OST_WRITER_DROPPED: {
    fault: 'operator',
    what: 'The operator dropped {key}.',
    todo: 'Ask again with another key if it was a mistake.',
  },
});
