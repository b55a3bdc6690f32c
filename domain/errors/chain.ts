import { defineErrors } from './define.ts';

/** The chain client, the signer and the writer. */
export const chainErrors = defineErrors({
  OST_CHAIN_TIMEOUT: {
    fault: 'chain',
    what: '{endpoint} did not answer {method} within {timeoutMs} ms.',
    todo: 'It is tried again by itself; if it stays, check the endpoint or name another one in chain_endpoint.',
  },
});
