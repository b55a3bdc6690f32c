import { isDeepStrictEqual } from 'node:util';

/**
 * How one check ended. `absent`: this runtime, or this endpoint, has not got what is checked, as its metadata or its
 * answers say. `not_provoked`: it may well have it, but nothing here could bring it about.
 */
export type Verdict =
  | { readonly kind: 'pass' }
  | { readonly kind: 'fail'; readonly detail: string }
  | { readonly kind: 'absent'; readonly detail: string }
  | { readonly kind: 'not_provoked'; readonly detail: string };

export interface Result {
  readonly name: string;
  readonly verdict: Verdict;
}

/** The words of the report. */
const words: Readonly<Record<Verdict['kind'], string>> = {
  pass: 'pass',
  fail: 'fail',
  absent: 'this runtime has not got it',
  not_provoked: 'not provoked',
};

/** `pass  snapshot: …`, with the detail behind it where there is one. */
export function lineOf({ name, verdict }: Result): string {
  const detail = verdict.kind === 'pass' ? '' : ` (${verdict.detail})`;
  return `${name}: ${words[verdict.kind]}${detail}`;
}

/** Thrown by a check to end with another verdict than pass or fail. */
class Ended extends Error {
  override readonly name = 'Ended';
  readonly verdict: Verdict;

  constructor(verdict: Verdict & { readonly detail: string }) {
    super(verdict.detail);
    this.verdict = verdict;
  }
}

export const absent = (detail: string): Error => new Ended({ kind: 'absent', detail });
export const notProvoked = (detail: string): Error => new Ended({ kind: 'not_provoked', detail });

export function verdictOf(error: unknown): Verdict {
  if (error instanceof Ended) return error.verdict;
  return { kind: 'fail', detail: error instanceof Error ? error.message : String(error) };
}

/** Throws where two values of JSON differ. */
export function expectEqual(actual: unknown, expected: unknown, what: string): void {
  if (isDeepStrictEqual(actual, expected)) return;
  throw new Error(`${what} is ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`);
}

export function expectThat(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}
