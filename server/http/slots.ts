import { fail } from '../../domain/errors/error.ts';

/** A bounded number of transfers at a time. Whoever comes too late is told so at once rather than kept waiting. */
export class Slots {
  readonly #kind: string;
  readonly #limit: number;
  #taken = 0;

  constructor(kind: string, limit: number) {
    this.#kind = kind;
    this.#limit = limit;
  }

  get taken(): number {
    return this.#taken;
  }

  /** Takes a slot and returns what gives it back; throws OST_HTTP_BUSY where all are taken. */
  take(): () => void {
    if (this.#taken >= this.#limit) throw fail('OST_HTTP_BUSY', { kind: this.#kind, limit: this.#limit });
    this.#taken += 1;
    let held = true;
    return () => {
      if (held) this.#taken -= 1;
      held = false;
    };
  }
}
