import type { Activity } from './world.ts';

/** Activities that do nothing until a block comes. */
const waitingForBlocks: ReadonlySet<string> = new Set([
  'submitExtrinsic',
  'confirmExtrinsic',
  'confirmFinality',
  'watchReveal',
  'awaitBlock',
]);

/** So long must nothing begin or end, before a block is built … */
const calmMs = 40;
/** … where something waits for one, … */
const longestMs = 1_500;

/**
 * Tells when the next block may be built: when the writer has done what it can do without one. A slow machine then
 * makes a run longer, and not another.
 */
export class Gate {
  readonly #inFlight = new Map<string, number>();
  #changedAt = Date.now();
  /** A worker that is dead for the time being holds the chain, so that its era does not pass meanwhile. */
  held = false;

  watch(name: string, run: Activity): Activity {
    return async (...input) => {
      this.#count(name, 1);
      try {
        return await run(...input);
      } finally {
        this.#count(name, -1);
      }
    };
  }

  async opens(): Promise<void> {
    const since = Date.now();
    this.#changedAt = since;
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      const now = Date.now();
      if (this.held) continue;
      const flying = [...this.#inFlight].filter(([, count]) => count > 0).map(([name]) => name);
      const busy = flying.some((name) => !waitingForBlocks.has(name));
      const waits = flying.length > 0 && !busy;
      // … and else, too, after a while: nothing may be on its way at all.
      if ((waits && now - this.#changedAt >= calmMs) || now - since >= longestMs) return;
    }
  }

  #count(name: string, change: number): void {
    this.#inFlight.set(name, (this.#inFlight.get(name) ?? 0) + change);
    this.#changedAt = Date.now();
  }
}
