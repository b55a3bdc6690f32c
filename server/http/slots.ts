import { fail } from '../../domain/errors/error.ts';

/**
 * A bounded number of transfers at a time. Whoever comes too late is told so at once rather than kept waiting.
 *
 * One owner may hold several while there are enough; the last quarter is for those who hold none, so that nobody who
 * opens many ranges keeps a newcomer out.
 */
export class Slots {
  readonly #kind: string;
  readonly #limit: number;
  readonly #perOwner: number;
  readonly #held = new Map<string, number>();
  #taken = 0;

  constructor(kind: string, limit: number, perOwner = limit) {
    this.#kind = kind;
    this.#limit = limit;
    this.#perOwner = perOwner;
  }

  get taken(): number {
    return this.#taken;
  }

  /** Takes a slot and returns what gives it back; throws OST_HTTP_BUSY where there is none for this owner. */
  take(owner: string): () => void {
    const own = this.#held.get(owner) ?? 0;
    const free = this.#limit - this.#taken;
    const reserved = own === 0 ? 0 : Math.floor(this.#limit / 4);
    if (free <= reserved || own >= this.#perOwner) {
      throw fail('OST_HTTP_BUSY', { kind: this.#kind, limit: this.#limit });
    }
    this.#taken += 1;
    this.#held.set(owner, own + 1);
    let held = true;
    return () => {
      if (held) this.#giveBack(owner);
      held = false;
    };
  }

  #giveBack(owner: string): void {
    this.#taken -= 1;
    const left = (this.#held.get(owner) ?? 1) - 1;
    if (left === 0) this.#held.delete(owner);
    else this.#held.set(owner, left);
  }
}
