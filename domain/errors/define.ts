/**
 * Whose fault an error is. It decides the retry policy and, for a score, whether anybody pays for it:
 *
 * - `miner`: the miner sent something that is wrong; trying again gives the same.
 * - `peer`: another party (client, validator, endpoint) broke the protocol.
 * - `chain`: the chain or the way to it; usually passes by itself.
 * - `ours`: this machine, disk, child process or database.
 * - `config`: a setting; nothing gets better until the operator changes it.
 * - `operator`: a command that cannot be carried out as given.
 * - `bug`: should not happen; tell us.
 */
export type Fault = 'miner' | 'peer' | 'chain' | 'ours' | 'config' | 'operator' | 'bug';

/** One entry of the catalogue. `{name}` in `what` and `todo` is filled from the error's parameters. */
export interface ErrorEntry {
  readonly fault: Fault;
  /** What happened, and to what. */
  readonly what: string;
  /** What to do about it. */
  readonly todo: string;
  /** Whether an activity that fails with it is tried again. Left out: yes for chain and ours, no for the others. */
  readonly retry?: boolean;
  /** The HTTP status that our servers answer with. */
  readonly status?: number;
}

/** Declares one area's errors; keeps the literal texts, from which the parameters' names are derived. */
export function defineErrors<const T extends Record<`OST_${string}`, ErrorEntry>>(entries: T): T {
  return entries;
}
