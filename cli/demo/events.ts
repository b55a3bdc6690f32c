import type { LogLine } from '../../adapters/processes/log-line.ts';

/** Results that leave nothing out: somebody was at work from the beginning to the end. */
const isComplete = (result: unknown): boolean => result !== 'missed';

/** What the demo itself reacts to. */
export class DemoEvents {
  /** By validator. */
  readonly #finished = new Map<string, Set<number>>();
  readonly #listeners = new Set<() => void>();

  see(source: string, { event, fields }: LogLine): void {
    const cycle = fields['cycle'];
    if (event === 'cycle_finished' && typeof cycle === 'number' && isComplete(fields['result'])) {
      this.#finished.set(source, (this.#finished.get(source) ?? new Set()).add(cycle));
    }
    if (event === 'cycle_finished' || event === 'write_settled') for (const listener of this.#listeners) listener();
  }

  /** Cycles of this start that so many validators have finished, in their order. */
  finishedCycles(validators: number): readonly number[] {
    const all = [...this.#finished.values()];
    const [first] = all;
    if (first === undefined || all.length < validators) return [];
    return [...first].filter((cycle) => all.every((each) => each.has(cycle))).toSorted((a, b) => a - b);
  }

  /** Calls on every change, until the returned function is called. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
