/** An answer of JSON-RPC that is an error. */
export interface Refusal {
  readonly code: number;
  readonly message: string;
  readonly data?: string;
}

/**
 * `heads`: subscriptions to heads, finality and storage fall silent while blocks go on. `chain`: the clock builds no
 * block; on a gated chain, where nobody but the test builds any, it means nothing.
 */
export type Stall = 'none' | 'heads' | 'chain';

/** What becomes of the transactions in blocks that a reorganisation takes away. */
export type Retracted = 'return' | 'lose';

export interface FaultActions {
  /** Cuts every socket. */
  dropSockets(): void;
  reorganise(blocks: number, transactions: Retracted): number;
}

const POOL_FULL: Refusal = { code: 1016, message: 'Immediately Dropped', data: 'The transaction pool is full' };

/** What a test can make go wrong. Everything is off until it is switched on. */
export class Faults {
  #stall: Stall = 'none';
  #beaconStalled = false;
  #toRefuse = 0;
  #refusal = POOL_FULL;
  #delayMs = 0;
  #toLose = 0;
  #toCut = 0;
  readonly #actions: FaultActions;

  constructor(actions: FaultActions) {
    this.#actions = actions;
  }

  /** Cuts every open WebSocket at once, without a close frame. */
  dropSockets(): void {
    this.#actions.dropSockets();
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

  /** The next `count` submissions are answered by this error, before the pool sees them; it is full if left out. */
  refuseSubmissions(count: number, refusal: Refusal = POOL_FULL): void {
    this.#toRefuse = count;
    this.#refusal = refusal;
  }

  stallHeads(stall: Stall): void {
    this.#stall = stall;
  }

  /** While it stands, no block brings a round of the beacon, and nothing that is sealed to one opens. */
  stallBeacon(stalled: boolean): void {
    this.#beaconStalled = stalled;
  }

  /**
   * Replaces the last `blocks` blocks by as many empty ones with other hashes; final ones stay. Watchers of their
   * transactions hear `retracted`; the transactions wait in the pool again, or are lost. Gives how many were replaced.
   */
  reorganise(blocks: number, transactions: Retracted = 'return'): number {
    return this.#actions.reorganise(blocks, transactions);
  }

  /** Switches everything off. */
  clear(): void {
    this.#stall = 'none';
    this.#beaconStalled = false;
    this.#toRefuse = 0;
    this.#delayMs = 0;
    this.#toLose = 0;
    this.#toCut = 0;
  }

  get delayMs(): number {
    return this.#delayMs;
  }

  get beaconStalled(): boolean {
    return this.#beaconStalled;
  }

  get stall(): Stall {
    return this.#stall;
  }

  takeRefusal(): Refusal | null {
    if (this.#toRefuse === 0) return null;
    this.#toRefuse--;
    return this.#refusal;
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
