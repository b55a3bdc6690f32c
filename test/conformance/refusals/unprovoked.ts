import type { Check } from '../check.ts';
import { notProvoked } from '../verdict.ts';

/** Refusals that a suite cannot bring about in any time that somebody would wait. */
const reasons = {
  'Future (a nonce that is ahead)': 'a node keeps it until the nonce before it comes',
  AncientBirthBlock: 'it takes 2,400 blocks',
  ExhaustsResources: 'it takes a full block',
  'Call (a call that the chain filters)': 'it takes safe mode',
  'temporarily banned': 'it takes a pool that gave the bytes up before',
  'pool full': 'it takes thousands of transactions',
  'coldkey swap': 'it takes days of waiting',
} as const;

export const unprovoked: readonly Check[] = Object.entries(reasons).map(([name, reason]) => ({
  name: `refusal: ${name}`,
  run: () => Promise.reject(notProvoked(reason)),
}));
