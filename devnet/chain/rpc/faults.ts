/** What a test can make go wrong. Everything is off until it is switched on. */
export class Faults {
  #delayMs = 0;
  #toLose = 0;
  #toCut = 0;
  readonly #dropAll: () => void;

  constructor(dropAll: () => void) {
    this.#dropAll = dropAll;
  }

  /** Cuts every open WebSocket at once, without a close frame. */
  dropSockets(): void {
    this.#dropAll();
  }

  /** Holds every answer back for so long; 0 ends it. */
  delayAnswers(delayMs: number): void {
    this.#delayMs = delayMs;
  }

  /** The next `count` transactions are taken, watched and never seen again. */
  loseTransactions(count: number): void {
    this.#toLose = count;
  }

  /** After each of the next `count` submissions the socket is cut before the answer; the transaction stays. */
  dropAfterSubmit(count: number): void {
    this.#toCut = count;
  }

  /** Switches everything off. */
  clear(): void {
    this.#delayMs = 0;
    this.#toLose = 0;
    this.#toCut = 0;
  }

  get delayMs(): number {
    return this.#delayMs;
  }

  takeLoss(): boolean {
    if (this.#toLose === 0) return false;
    this.#toLose--;
    return true;
  }

  takeCut(): boolean {
    if (this.#toCut === 0) return false;
    this.#toCut--;
    return true;
  }
}
