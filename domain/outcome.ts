/**
 * What became of one piece of work that somebody is scored for.
 *
 * Only `miner_fault` may lower a score. A fault of ours leaves the miner's history as it is, and so does what nobody
 * can tell: blaming a miner for the validator's own fault is the most repeated complaint of this field.
 */
export type Outcome<T, R extends string = string> =
  | { readonly kind: 'ok'; readonly value: T }
  | { readonly kind: 'miner_fault'; readonly reason: R; readonly detail: string }
  | { readonly kind: 'our_fault'; readonly reason: R; readonly detail: string }
  | { readonly kind: 'unknown'; readonly reason: R; readonly detail: string };

export type OutcomeKind = Outcome<unknown>['kind'];

export const ok = <T>(value: T): Outcome<T, never> => ({ kind: 'ok', value });
export const minerFault = <R extends string>(reason: R, detail: string): Outcome<never, R> => ({
  kind: 'miner_fault',
  reason,
  detail,
});
export const ourFault = <R extends string>(reason: R, detail: string): Outcome<never, R> => ({
  kind: 'our_fault',
  reason,
  detail,
});
export const unknownOutcome = <R extends string>(reason: R, detail: string): Outcome<never, R> => ({
  kind: 'unknown',
  reason,
  detail,
});
