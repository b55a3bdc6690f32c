import { canonicalJson } from './canonical-json.ts';
import type { BlockRef } from './chain.ts';
import { type ChainCall, revealKey, type WeightsCall, type WriteOutcome, type WriteRequest } from './chain-write.ts';
import { type ForeignDecision, type ForeignWrite, forgiven, looked, remember, type Sighting } from './foreign-write.ts';
import { givingWay, laneOf, laneOfRequest } from './giving-way.ts';
import { sha256Text } from './sha256.ts';
import { type RevealSight, type SignedWrite, sameWeights } from './signed-write.ts';
import type { Blocks } from './units.ts';
import { emptyWriterState, type OpenWrite, type Reveal, type Settlement, type WriterState } from './writer-types.ts';

/**
 * How many finished keys are kept. Askers repeat themselves within a cycle, which has a handful of writes; with a full
 * vector each it is some 300 KB, well below what one run may hand to the next.
 */
const keptFinished = 64;

/** Enough to see what happened; each is a few hundred bytes. */
const keptAlarms = 16;
/** How often a vector whose reveal was lost is committed again; each takes an epoch. */
const mostRecommits = 3;

const retired: WriteOutcome = {
  kind: 'refused',
  code: 'OST_WRITER_RETIRED',
  detail: 'the operator decided for another deployment',
};

const revealKeyOf = (key: string, hash: string): string => `${revealKey(key)}/${hash.slice(2, 10)}`;

const settlementOf = ({ request, signed }: Reveal, outcome: WriteOutcome): Settlement => ({
  request: { ...request, key: revealKeyOf(request.key, signed.commit?.hash ?? '') },
  replyTo: [],
  outcome,
  record: true,
});

const digestOf = (call: ChainCall): string => sha256Text(canonicalJson(call)).slice(0, 32);

/**
 * Reveals first, for their window closes; then commitments, the one that ends soonest before the others; then axons.
 */
const urgency: Readonly<Record<ChainCall['kind'], number>> = {
  reveal_weights: 0,
  set_commitment: 1,
  serve_axon: 2,
  set_weights: 3,
};

/** The rules of who is served when; a thin workflow drives it. Every change is synchronous, so handlers may call in. */
export class WriterBook {
  #state: WriterState;
  #changes = 0;

  /** Runs of earlier versions hand over less. */
  constructor(state: Partial<WriterState> = {}) {
    this.#state = { ...emptyWriterState, ...state };
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
    } else if (this.#state.retired) {
      this.#post({ request, replyTo, outcome: retired, record: true });
    } else {
      this.#change({
        open: [...this.#state.open, { request, digest, replyTo, signed: null, wait: null, signatures: 0 }],
      });
      if (request.call.kind === 'set_weights') this.#supersede(request.call, request.key);
    }
  }

  /** The write to work on at this head: signed bytes first, because a hotkey's nonces are one line. */
  next(head: Blocks | null): OpenWrite | null {
    if (this.stopped) return null;
    const reached = (block: Blocks | null) => head !== null && block !== null && head >= block;
    const ready = this.#state.open.filter(
      ({ wait, request }) => wait === null || reached(wait.block) || reached(request.deadline),
    );
    return ready.toSorted(byUrgency)[0] ?? null;
  }

  /** The block at which a waiting write becomes ready, or a deadline passes. */
  nextBlock(): Blocks | null {
    const waits = this.stopped ? [] : this.#state.open.flatMap(({ wait }) => (wait === null ? [] : [wait.block]));
    const deadlines = this.#state.open.flatMap(({ request }) => (request.deadline === null ? [] : [request.deadline]));
    const [soonest] = [...waits, ...deadlines].toSorted((a, b) => a - b);
    return soonest ?? null;
  }

  find(key: string): OpenWrite | undefined {
    return this.#state.open.find(({ request }) => request.key === key);
  }

  sign(key: string, signed: SignedWrite): void {
    this.#update(key, (write) => ({ ...write, signed, wait: null, signatures: write.signatures + 1 }));
    this.#change({ footprint: remember(this.#state.footprint, signed) });
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
    if (request.call.kind === 'reveal_weights') this.#openingEnded(key, outcome);
  }

  /** Settles an included write and keeps an eye on its block until that is final. */
  include(key: string, outcome: Extract<WriteOutcome, { kind: 'included' }>, block: BlockRef): void {
    const write = this.find(key);
    if (write?.signed != null) {
      const { request, signed } = write;
      this.#change({ unfinal: [...this.#state.unfinal, { request, signed, block }] });
      if (signed.commit !== undefined) {
        this.#change({ reveals: [...this.#state.reveals, { request, signed, block, opening: false }] });
      }
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
      reveals: this.#state.reveals.map((entry) => (entry.request.key === key ? { ...entry, block } : entry)),
      unfinal: this.#state.unfinal.map((entry) => (entry.request.key === key ? { ...entry, block } : entry)),
    });
  }

  /** A reorganisation undid the write and its bytes are dead: it is wanted again, and nobody needs a second answer. */
  reopen(key: string): void {
    const entry = this.#state.unfinal.find(({ request }) => request.key === key);
    this.finalize(key);
    if (entry === undefined) return;
    this.#again(entry.request);
  }

  /** Wants a settled write once more; nobody needs a second answer. */
  #again(request: WriteRequest): void {
    const { call, key } = request;
    this.#change({
      open: [
        ...this.#state.open,
        { request, digest: digestOf(call), replyTo: [], signed: null, wait: null, signatures: 1 },
      ],
      finished: this.#state.finished.filter((other) => other.key !== key),
      reveals: this.#state.reveals.filter((other) => other.request.key !== key),
    });
    if (call.kind === 'set_weights') this.#supersede(call, key);
  }

  /** Committed weights that may be watched: in a final block, and not being opened. */
  get watchable(): readonly Reveal[] {
    const { reveals, unfinal } = this.#state;
    return reveals.filter(
      ({ request, opening }) => !opening && !unfinal.some((entry) => entry.request.key === request.key),
    );
  }

  /** What was seen of committed weights: they are to be opened, are opened, or are gone. */
  sight(key: string, sight: RevealSight): void {
    const reveal = this.#state.reveals.find(({ request }) => request.key === key);
    if (reveal === undefined) return;
    switch (sight.kind) {
      case 'open':
        this.#open(reveal);
        break;
      case 'revealed':
        this.#revealed(reveal);
        this.#post(settlementOf(reveal, { kind: 'already', block: sight.block }));
        break;
      case 'switched_off':
        this.#again(reveal.request);
        break;
      case 'misplaced':
        this.#lost(reveal, 'OST_CHAIN_REVEAL_MISPLACED', sight.detail, sight.head);
        break;
      case 'lost': {
        const newer = this.#newerThat(reveal, sight.stored);
        if (newer === null) this.#lost(reveal, sight.code, sight.detail, sight.head);
        else this.#ended(reveal, { kind: 'superseded', by: newer });
      }
    }
  }

  acknowledge(): number {
    const { length } = this.#state.alarms;
    this.#change({ alarms: [] });
    return length;
  }

  /** Whether nothing may be written: another deployment was seen, or was decided for. */
  get stopped(): boolean {
    return this.#state.foreign !== null || this.#state.retired;
  }

  /** What a look at the chain saw of other writers. */
  looked(sighting: Sighting): void {
    if (sighting.foreign === null) this.#change({ footprint: looked(this.#state.footprint, sighting) });
    else this.stop(sighting.foreign);
  }

  /** Somebody else writes with the hotkey: nothing more is written until an operator has decided. */
  stop(foreign: ForeignWrite): void {
    this.#change({ foreign });
  }

  /** The operator's word on a foreign write. */
  resolve(decision: ForeignDecision): void {
    this.#change({ foreign: null, retired: decision === 'other', footprint: forgiven(this.#state.footprint) });
    if (decision === 'other') for (const { request } of this.#state.open) this.settle(request.key, retired);
  }

  /** Ends what can no longer be in time, while nothing is written. */
  expire(head: Blocks): void {
    for (const { request } of this.#state.open) {
      const { deadline, key } = request;
      if (deadline !== null && head >= deadline) {
        this.settle(key, { kind: 'deadline', deadline, detail: 'writing has stopped: OST_WRITER_FOREIGN_WRITE' });
      }
    }
  }

  /** Asks itself for the extrinsic that opens a hash. */
  #open(reveal: Reveal): void {
    const { commit, uids, values } = reveal.signed;
    const { call, key } = reveal.request;
    if (commit?.road !== 'hash' || call.kind !== 'set_weights') return;
    const { netuid, mecid, period, resend } = call;
    const { salt, versionKey, hash } = commit;
    const opening: ChainCall = {
      kind: 'reveal_weights',
      netuid,
      mecid,
      period,
      ...(resend === undefined ? {} : { resend }),
      uids,
      values,
      salt,
      versionKey,
      commit: hash,
    };
    this.#change({
      reveals: this.#state.reveals.map((entry) => (entry === reveal ? { ...entry, opening: true } : entry)),
    });
    this.accept({ key: revealKeyOf(key, hash), call: opening, deadline: null, replyTo: null });
  }

  /** The extrinsic that opens a hash was settled. */
  #openingEnded(key: string, outcome: WriteOutcome): void {
    const reveal = this.#state.reveals.find(
      ({ request, signed }) => signed.commit !== undefined && revealKeyOf(request.key, signed.commit.hash) === key,
    );
    if (reveal === undefined) return;
    if (outcome.kind === 'included' || outcome.kind === 'already') this.#revealed(reveal);
    else if (outcome.kind === 'refused' && outcome.code === 'OST_CHAIN_COMMIT_REVEAL') this.#again(reveal.request);
    else if (outcome.kind === 'refused') this.#lost(reveal, outcome.code, outcome.detail, reveal.block.number);
  }

  #revealed(reveal: Reveal): void {
    const { uids, values } = reveal.signed;
    const lane = laneOfRequest(reveal.request);
    this.#change({
      reveals: this.#state.reveals.filter((entry) => entry !== reveal),
      revealed: { ...this.#state.revealed, [lane]: { uids, values } },
      alarms: this.#state.alarms.filter(({ key }) => key !== reveal.request.key),
    });
  }

  #ended(reveal: Reveal, outcome: WriteOutcome): void {
    this.#change({ reveals: this.#state.reveals.filter((entry) => entry !== reveal) });
    this.#post(settlementOf(reveal, outcome));
  }

  /** Raises the alarm, and wants the vector again where no newer one has taken its place. */
  #lost(reveal: Reveal, code: string, detail: string, block: Blocks): void {
    const { key, call } = reveal.request;
    const before = this.#state.alarms.filter((alarm) => alarm.key === key).length;
    this.#change({ alarms: [...this.#state.alarms, { key, code, detail, block }].slice(-keptAlarms) });
    this.#ended(reveal, { kind: 'refused', code, detail });
    if (call.kind !== 'set_weights' || before >= mostRecommits) return;
    const newest = this.#state.newest[laneOf(call)];
    if (newest === undefined || newest.period <= call.period) this.#again(reveal.request);
  }

  /** The key of the later vector of ours that the chain holds in the place of this one. */
  #newerThat(reveal: Reveal, stored: readonly (readonly [number, number])[]): string | null {
    const lane = laneOfRequest(reveal.request);
    const others = this.#state.reveals.filter((entry) => entry !== reveal && laneOfRequest(entry.request) === lane);
    const newer = others.find(
      ({ block, signed }) => block.number >= reveal.block.number && sameWeights(stored, signed.uids, signed.values),
    );
    if (newer !== undefined) return newer.request.key;
    const last = this.#state.revealed[lane];
    return last !== undefined && sameWeights(stored, last.uids, last.values) ? `weights/${lane}` : null;
  }

  /** Takes the next outcome to deliver; call {@link delivered} once it is. */
  get pending(): Settlement | undefined {
    return this.#state.outbox[0];
  }

  delivered(): void {
    this.#change({ outbox: this.#state.outbox.slice(1) });
  }

  /** Settles the vectors that give way to the one asked for under `key`, or that one itself. */
  #supersede(call: WeightsCall, key: string): void {
    const lane = laneOf(call);
    const newest = this.#state.newest[lane];
    if (call.resend !== true && (newest === undefined || call.period > newest.period)) {
      this.#change({ newest: { ...this.#state.newest, [lane]: { period: call.period, key } } });
    }
    for (const { key: loser, by } of givingWay(this.#state, call, key)) {
      this.settle(loser, { kind: 'superseded', by });
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
