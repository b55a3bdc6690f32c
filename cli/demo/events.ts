import type { LogLine } from '../../adapters/processes/log-line.ts';

/** Results that leave nothing out: somebody was at work from the beginning to the end. */
const isComplete = (result: unknown): boolean => result !== 'missed';

/** What the demo itself reacts to. */
export class DemoEvents {
  readonly #finished = new Set<number>();
  readonly #listeners = new Set<() => void>();

  see({ event, fields }: LogLine): void {
    const cycle = fields['cycle'];
    if (event === 'cycle_finished' && typeof cycle === 'number' && isComplete(fields['result']))
      this.#finished.add(cycle);
    if (event === 'cycle_finished' || event === 'write_settled') for (const listener of this.#listeners) listener();
  }

  /** Cycles of this start, in their order. */
  finishedCycles(): readonly number[] {
    return [...this.#finished].toSorted((a, b) => a - b);
  }

  /** Calls on every change, until the returned function is called. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
