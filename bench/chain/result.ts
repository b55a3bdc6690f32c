import type { Spread } from './spread.ts';

/** What one measurement found. */
export interface Result {
  readonly name: string;
  /** Whether its bar was met; true where it has none. */
  readonly passed: boolean;
  readonly figures: Readonly<Record<string, number | string | Spread>>;
}
