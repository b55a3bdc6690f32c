import { canonicalJson } from './canonical-json.ts';
import type { BlockRef } from './chain.ts';
import type { ChainCall, WriteOutcome, WriteRequest } from './chain-write.ts';
import { sha256Text } from './sha256.ts';
import type { SignedWrite } from './signed-write.ts';
import type { Blocks } from './units.ts';

/** One asked write that has no outcome yet. */
export interface OpenWrite {
  readonly request: WriteRequest;
  /** Of the call; one key stands for one content. */
  readonly digest: string;
  /** Everybody who asked for this key. */
  readonly replyTo: readonly string[];
  /** Signed bytes that may still be included; nothing else may be signed for this write until they are dead. */
  readonly signed: SignedWrite | null;
  /** Do nothing before this block, and why. */
  readonly wait: { readonly block: Blocks; readonly code: string; readonly detail: string } | null;
  /** How often it was signed; more than once means that bytes were lost for good. */
  readonly signatures: number;
}

/** An outcome that its asker may ask for again. */
export interface FinishedWrite {
  readonly key: string;
  readonly digest: string;
  readonly outcome: WriteOutcome;
}

/** An included write whose block is not final yet. */
export interface Unfinal {
  readonly request: WriteRequest;
  readonly signed: SignedWrite;
  readonly block: BlockRef;
}

/** An outcome on its way to the askers and the ledger. */
export interface Settlement {
  readonly request: WriteRequest;
  readonly replyTo: readonly string[];
  readonly outcome: WriteOutcome;
  /** Whether the ledger gets it: not where it is an answer given before, or to a misuse of somebody else's key. */
  readonly record: boolean;
}

/** All that a writer carries from run to run; plain JSON. */
export interface WriterState {
  readonly open: readonly OpenWrite[];
  readonly finished: readonly FinishedWrite[];
  readonly unfinal: readonly Unfinal[];
  readonly outbox: readonly Settlement[];
  /** The newest period whose vector was asked for, by subnet and mechanism. */
  readonly newest: Readonly<Record<string, { readonly period: Blocks; readonly key: string }>>;
}

export const emptyWriterState: WriterState = { open: [], finished: [], unfinal: [], outbox: [], newest: {} };

/**
 * How many finished keys are kept. Askers repeat themselves within a cycle, which has a handful of writes; with a full
 * vector each it is some 300 KB, well below what one run may hand to the next.
 */
const keptFinished = 64;

const digestOf = (call: ChainCall): string => sha256Text(canonicalJson(call)).slice(0, 32);

/** Commitments first, the one that ends soonest before the others; then axons; weights can wait. */
const urgency: Readonly<Record<ChainCall['kind'], number>> = { set_commitment: 0, serve_axon: 1, set_weights: 2 };

/** The rules of who is served when; a thin workflow drives it. Every change is synchronous, so handlers may call in. */
export class WriterBook {
  #state: WriterState;
  #changes = 0;

  constructor(state: WriterState = emptyWriterState) {
    this.#state = state;
  }

  get state(): WriterState {
    return this.#state;
  }

  /** Grows with every change, so that a waiting loop can tell that something happened. */
  get changes(): number {
    return this.#changes;
  }

  /** Takes a request in. What it settles at once (repeats, conflicts, superseded vectors) goes to the outbox. */
  accept(request: WriteRequest): void {
    const digest = digestOf(request.call);
    const replyTo = request.replyTo === null ? [] : [request.replyTo];
    const finished = this.#state.finished.find(({ key }) => key === request.key);
    const open = this.find(request.key);
    if (finished !== undefined) {
      const outcome = finished.digest === digest ? finished.outcome : conflict(request);
      this.#post({ request, replyTo, outcome, record: false });
    } else if (open !== undefined) {
      if (open.digest === digest) this.#replace({ ...open, replyTo: [...new Set([...open.replyTo, ...replyTo])] });
      else this.#post({ request, replyTo, outcome: conflict(request), record: false });
    } else {
      this.#change({
        open: [...this.#state.open, { request, digest, replyTo, signed: null, wait: null, signatures: 0 }],
      });
      if (request.call.kind === 'set_weights') this.#supersede(request.call, request.key);
    }
  }

  /** The write to work on at this head: signed bytes first, because a hotkey's nonces are one line. */
  next(head: Blocks | null): OpenWrite | null {
    const reached = (block: Blocks | null) => head !== null && block !== null && head >= block;
    const ready = this.#state.open.filter(
      ({ wait, request }) => wait === null || reached(wait.block) || reached(request.deadline),
    );
    return ready.toSorted(byUrgency)[0] ?? null;
  }

  /** The block at which a waiting write becomes ready, or a deadline passes. */
  nextBlock(): Blocks | null {
    const waits = this.#state.open.flatMap(({ wait }) => (wait === null ? [] : [wait.block]));
    const deadlines = this.#state.open.flatMap(({ request }) => (request.deadline === null ? [] : [request.deadline]));
    const [soonest] = [...waits, ...deadlines].toSorted((a, b) => a - b);
    return soonest ?? null;
  }

  find(key: string): OpenWrite | undefined {
    return this.#state.open.find(({ request }) => request.key === key);
  }

  sign(key: string, signed: SignedWrite): void {
    this.#update(key, (write) => ({ ...write, signed, wait: null, signatures: write.signatures + 1 }));
  }

  /** The signed bytes are dead: this write may be signed anew. */
  unsign(key: string): void {
    this.#update(key, (write) => ({ ...write, signed: null }));
    const write = this.find(key);
    // What was held back by its signed bytes may have become old meanwhile.
    if (write?.request.call.kind === 'set_weights') this.#supersede(write.request.call, key);
  }

  wait(key: string, block: Blocks, code: string, detail: string): void {
    this.#update(key, (write) => ({ ...write, wait: { block, code, detail } }));
  }

  /** Forgets what the writes wait for; all of them, or the one of a key. Returns how many there were. */
  retry(key: string | null): number {
    const waiting = this.#state.open.filter(
      ({ request, wait }) => wait !== null && (key ?? request.key) === request.key,
    );
    for (const { request } of waiting) this.#update(request.key, (write) => ({ ...write, wait: null }));
    return waiting.length;
  }

  settle(key: string, outcome: WriteOutcome): void {
    const write = this.find(key);
    if (write === undefined) return;
    const { request, digest, replyTo } = write;
    this.#change({
      open: this.#state.open.filter((other) => other !== write),
      finished: [...this.#state.finished, { key, digest, outcome }].slice(-keptFinished),
    });
    this.#post({ request, replyTo, outcome, record: true });
  }

  /** Settles an included write and keeps an eye on its block until that is final. */
  include(key: string, outcome: Extract<WriteOutcome, { kind: 'included' }>, block: BlockRef): void {
    const write = this.find(key);
    if (write?.signed != null) {
      this.#change({ unfinal: [...this.#state.unfinal, { request: write.request, signed: write.signed, block }] });
    }
    this.settle(key, outcome);
  }

  /** The write's block is final, or it is given up. */
  finalize(key: string): void {
    this.#change({ unfinal: this.#state.unfinal.filter(({ request }) => request.key !== key) });
  }

  /** A reorganisation put the write into another block. */
  move(key: string, block: BlockRef): void {
    this.#change({
      unfinal: this.#state.unfinal.map((entry) => (entry.request.key === key ? { ...entry, block } : entry)),
    });
  }

  /** A reorganisation undid the write and its bytes are dead: it is wanted again, and nobody needs a second answer. */
  reopen(key: string): void {
    const entry = this.#state.unfinal.find(({ request }) => request.key === key);
    this.finalize(key);
    if (entry === undefined) return;
    const { request } = entry;
    const digest = digestOf(request.call);
    this.#change({
      open: [...this.#state.open, { request, digest, replyTo: [], signed: null, wait: null, signatures: 1 }],
      finished: this.#state.finished.filter((other) => other.key !== key),
    });
    if (request.call.kind === 'set_weights') this.#supersede(request.call, key);
  }

  /** Takes the next outcome to deliver; call {@link delivered} once it is. */
  get pending(): Settlement | undefined {
    return this.#state.outbox[0];
  }

  delivered(): void {
    this.#change({ outbox: this.#state.outbox.slice(1) });
  }

  /**
   * Of the vectors of one subnet and mechanism only the newest period's is wanted: older ones that are not signed yet
   * are superseded, and so is a request that comes after a newer one.
   */
  #supersede(call: Extract<ChainCall, { kind: 'set_weights' }>, key: string): void {
    const lane = laneOf(call);
    const newest = this.#state.newest[lane];
    if (newest === undefined || call.period > newest.period) {
      this.#change({ newest: { ...this.#state.newest, [lane]: { period: call.period, key } } });
    }
    const current = this.#state.newest[lane];
    if (current === undefined) return;
    for (const { request, signed } of this.#state.open) {
      const other = request.call;
      if (other.kind !== 'set_weights' || signed !== null || laneOf(other) !== lane) continue;
      if (other.period < current.period) this.settle(request.key, { kind: 'superseded', by: current.key });
    }
  }

  #update(key: string, change: (write: OpenWrite) => OpenWrite): void {
    const write = this.find(key);
    if (write !== undefined) this.#replace(change(write));
  }

  #replace(write: OpenWrite): void {
    this.#change({
      open: this.#state.open.map((other) => (other.request.key === write.request.key ? write : other)),
    });
  }

  #post(settlement: Settlement): void {
    this.#change({ outbox: [...this.#state.outbox, settlement] });
  }

  #change(change: Partial<WriterState>): void {
    this.#state = { ...this.#state, ...change };
    this.#changes += 1;
  }
}

const laneOf = ({ netuid, mecid }: { readonly netuid: number; readonly mecid: number }): string => `${netuid}/${mecid}`;

function byUrgency(a: OpenWrite, b: OpenWrite): number {
  const line = Number(b.signed !== null) - Number(a.signed !== null);
  if (line !== 0) return line;
  const kind = urgency[a.request.call.kind] - urgency[b.request.call.kind];
  return kind !== 0 ? kind : (a.request.deadline ?? Infinity) - (b.request.deadline ?? Infinity);
}

/** One key, one content; for weights that is the very thing that the protection record forbids. */
const conflict = ({ key, call }: WriteRequest): WriteOutcome => ({
  kind: 'refused',
  code: call.kind === 'set_weights' ? 'OST_PROTECTION_CONFLICT' : 'OST_CHAIN_KEY_REUSED',
  detail: `${key} was asked before with another content`,
});
