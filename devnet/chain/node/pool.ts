import type { Hex } from '../../../domain/units.ts';
import { accountOf } from '../runtime/accounts.ts';
import type { BlockBuilder } from '../runtime/execute.ts';
import { eraBirth } from '../runtime/extrinsic.ts';
import { InvalidTransaction } from '../runtime/failure.ts';
import type { PreparedExtrinsic, Runtime } from '../runtime/runtime.ts';
import { type RawState, State, StateReader } from '../state/state.ts';

/** What a watcher of a transaction is told, as a node words it. */
export type TransactionStatus =
  | 'future'
  | 'ready'
  | 'invalid'
  | { readonly broadcast: readonly string[] }
  | { readonly inBlock: Hex }
  | { readonly retracted: Hex }
  | { readonly finalized: Hex };

export type Watcher = (status: TransactionStatus) => void;

/** Why the pool itself will not take a transaction, beside its being invalid. */
export class PoolRefusal extends Error {
  override readonly name = 'PoolRefusal';
  readonly kind: 'imported' | 'priority' | 'banned' | 'full';
  readonly hash: Hex;

  constructor(kind: PoolRefusal['kind'], hash: Hex) {
    super(kind);
    this.kind = kind;
    this.hash = hash;
  }
}

interface Pooled {
  readonly prepared: PreparedExtrinsic;
  readonly who: Hex;
  readonly nonce: number;
  readonly watchers: Set<Watcher>;
  ready: boolean;
}

/** Stands for the peers that a lone node does not have, so that clients see the status of a real one. */
const PEER = '12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp';

/** A node's own. */
const BAN_MS = 30 * 60_000;

/** Transactions that wait for a block: at most one for each signer and nonce, all of the same priority. */
export class Pool {
  readonly #runtime: Runtime;
  readonly #genesisHash: Hex;
  readonly #limit: number;
  readonly #pooled = new Map<Hex, Pooled>();
  /** Until when what turned out invalid while a block was filled is not looked at again, by the clock. */
  readonly #banned = new Map<Hex, number>();

  constructor(runtime: Runtime, genesisHash: Hex, limit: number) {
    this.#runtime = runtime;
    this.#limit = limit;
    this.#genesisHash = genesisHash;
  }

  /** Takes a transaction for block `next` or later. Throws ScaleError, InvalidTransaction or PoolRefusal. */
  submit(encoded: Uint8Array, head: RawState, next: number): PreparedExtrinsic {
    const prepared = this.#runtime.decode(encoded);
    if ((this.#banned.get(prepared.hash) ?? 0) > Date.now()) throw new PoolRefusal('banned', prepared.hash);
    if (this.#pooled.has(prepared.hash)) throw new PoolRefusal('imported', prepared.hash);
    this.#runtime.validate(new State(head), prepared, next, this.#genesisHash);
    const { signed } = prepared;
    if (signed === null) throw new InvalidTransaction({ kind: 'NoUnsignedValidator' });
    for (const { who, nonce } of this.#pooled.values()) {
      // Priorities are flat, so a second transaction never replaces the first.
      if (who === signed.who && nonce === signed.nonce) throw new PoolRefusal('priority', prepared.hash);
    }
    // With flat priorities it is the newest that has to go.
    if (this.#pooled.size >= this.#limit) throw new PoolRefusal('full', prepared.hash);
    const { who, nonce } = signed;
    this.#pooled.set(prepared.hash, { prepared, who, nonce, watchers: new Set(), ready: false });
    this.#promote(head);
    return prepared;
  }

  watch(hash: Hex, watcher: Watcher): void {
    const pooled = this.#pooled.get(hash);
    if (pooled === undefined) return;
    pooled.watchers.add(watcher);
    announce(pooled, watcher);
  }

  unwatch(hash: Hex, watcher: Watcher): void {
    this.#pooled.get(hash)?.watchers.delete(watcher);
  }

  /**
   * Takes back what a retracted block held, with those who watch it; whether it still may be in is seen by `settle`.
   */
  restore(encoded: Uint8Array, watchers: ReadonlySet<Watcher>): void {
    const prepared = this.#runtime.decode(encoded);
    const { hash, signed } = prepared;
    if (signed === null || this.#pooled.has(hash)) return;
    const { who, nonce } = signed;
    this.#pooled.set(hash, { prepared, who, nonce, watchers: new Set(watchers), ready: false });
  }

  /** Forgets a transaction and tells nobody: the fault that a test can ask for. */
  lose(hash: Hex): void {
    this.#pooled.delete(hash);
  }

  /** The nonce that the signer's next transaction should have, those that wait counted in. */
  nextNonce(who: Hex, head: RawState): number {
    const waiting = new Set([...this.#pooled.values()].filter((each) => each.who === who).map(({ nonce }) => nonce));
    let next = accountOf(new StateReader(head), who).nonce;
    while (waiting.has(next)) next++;
    return next;
  }

  pending(): Uint8Array[] {
    return [...this.#pooled.values()].filter(({ ready }) => ready).map(({ prepared }) => prepared.encoded);
  }

  /** Fills a block in order of arrival; what has become invalid is dropped and its watchers are told. */
  fill(block: BlockBuilder): ReadonlyMap<Hex, ReadonlySet<Watcher>> {
    const included = new Map<Hex, ReadonlySet<Watcher>>();
    for (let progress = true; progress; ) {
      progress = false;
      for (const [hash, pooled] of this.#pooled) {
        if (!pooled.ready || block.nonceOf(pooled.who) < pooled.nonce) continue;
        const refused = block.include(pooled.prepared);
        // It waits for a block with room for it.
        if (refused?.kind === 'ExhaustsResources') continue;
        this.#pooled.delete(hash);
        progress = true;
        if (refused === null) {
          included.set(hash, pooled.watchers);
        } else {
          this.#banned.set(hash, Date.now() + BAN_MS);
          tell(pooled.watchers, 'invalid');
        }
      }
    }
    return included;
  }

  /** After a block: expired transactions go, and those whose turn has come become ready. */
  settle(head: RawState, next: number): void {
    for (const [hash, pooled] of this.#pooled) {
      const era = pooled.prepared.signed?.era ?? null;
      const stale = accountOf(new StateReader(head), pooled.who).nonce > pooled.nonce;
      // Its era is over when its birth block moves: the same transaction would now have a bad signature.
      const expired = era !== null && eraBirth(era, next) !== eraBirth(era, next - 1);
      if (!stale && !expired) continue;
      this.#pooled.delete(hash);
      tell(pooled.watchers, 'invalid');
    }
    this.#promote(head);
  }

  #promote(head: RawState): void {
    for (const pooled of this.#pooled.values()) {
      const reached = this.#reach(pooled, head) >= pooled.nonce;
      // What a transaction waited for can be gone again after a reorganisation.
      if (!reached) pooled.ready = false;
      if (pooled.ready || !reached) continue;
      pooled.ready = true;
      for (const watcher of pooled.watchers) announce(pooled, watcher);
    }
  }

  /** How far the signer's nonces reach without this transaction. */
  #reach({ who, nonce }: Pooled, head: RawState): number {
    const waiting = new Set(
      [...this.#pooled.values()].filter((each) => each.who === who && each.nonce < nonce).map((each) => each.nonce),
    );
    let next = accountOf(new StateReader(head), who).nonce;
    while (waiting.has(next)) next++;
    return next;
  }
}

function announce({ ready }: Pooled, watcher: Watcher): void {
  watcher(ready ? 'ready' : 'future');
  if (ready) watcher({ broadcast: [PEER] });
}

export function tell(watchers: Iterable<Watcher>, status: TransactionStatus): void {
  for (const watcher of watchers) watcher(status);
}
