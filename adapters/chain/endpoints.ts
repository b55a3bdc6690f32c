/**
 * Which endpoint to try next: always the most preferred one that has not failed in this round. A round ends when a
 * connection stands or when all have failed, so that a lost connection is looked for at the preferred endpoint first.
 */
export class Endpoints {
  readonly urls: readonly string[];
  readonly #failed = new Set<number>();
  #wanted: number | null = null;
  #current = 0;

  constructor(urls: readonly string[]) {
    this.urls = urls;
  }

  get current(): string {
    return this.urls[this.#current] ?? 'no endpoint';
  }

  /** Those before the one in use, most preferred first. */
  get better(): readonly string[] {
    return this.urls.slice(0, this.#current);
  }

  /** All but the one in use, most preferred first. */
  get others(): readonly string[] {
    return this.urls.filter((_, index) => index !== this.#current);
  }

  /** Has the next attempt go to this endpoint, because it was seen to do better. */
  want(url: string): void {
    const index = this.urls.indexOf(url);
    this.#wanted = index < 0 ? null : index;
  }

  /** Chooses for the next attempt. Where all have failed since the last connection that stood, a new round begins. */
  next(): string {
    const all = this.urls.map((_, index) => index);
    const wanted = this.#wanted;
    this.#wanted = null;
    if (wanted !== null) {
      this.#current = wanted;
      return this.current;
    }
    const open = all.filter((index) => !this.#failed.has(index));
    if (open.length === 0) this.#failed.clear();
    this.#current = open[0] ?? 0;
    return this.current;
  }

  /** The attempt at the current endpoint failed, or it was refused. */
  failed(): void {
    this.#failed.add(this.#current);
  }

  /** A connection stands: what failed before may be tried again. */
  stands(): void {
    this.#failed.clear();
  }
}
