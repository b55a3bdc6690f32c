import { hexToU8a } from '@polkadot/util';
import type { Hex } from '../../../domain/units.ts';
import { timestamp } from '../declaration/pallets/timestamp.ts';
import type { GenesisOptions } from '../options.ts';
import { installBeacon } from '../runtime/beacon/config.ts';
import { BlockBuilder } from '../runtime/execute.ts';
import { hashOf } from '../runtime/extrinsic.ts';
import { genesisState } from '../runtime/genesis.ts';
import type { PreparedExtrinsic, Runtime } from '../runtime/runtime.ts';
import { encode } from '../scale/codec.ts';
import { type RawState, State, StateReader } from '../state/state.ts';
import type { ChainStore, StoredBlock } from '../state/store.ts';
import { type Block, opened } from './block.ts';
import { extrinsicsRoot, Header, type HeaderValue, headerHash, stateRoot } from './header.ts';
import { Pool, tell, type Watcher } from './pool.ts';
import { RetractedBlocks } from './retracted.ts';

export type { Block } from './block.ts';

export interface ChainListener {
  /** A new head, with the keys that it wrote. */
  readonly head?: (block: Block, changed: ReadonlySet<Hex>) => void;
  readonly finalized?: (block: Block) => void;
}

export interface ChainSettings {
  readonly finalityLagBlocks: number;
  /** How many transactions the pool holds. */
  readonly poolLimit: number;
  /** Seconds between two rounds of the chain's own beacon. */
  readonly beaconPeriodS: number;
  /** Whether subscriptions are to hear nothing, while blocks go on: a fault. */
  silent(): boolean;
  /** The next block's time, from that of the last one (0 at genesis): milliseconds since 1970, always later. */
  nextTimeMs(lastMs: number): number;
}

const ZERO_HASH: Hex = `0x${'00'.repeat(32)}`;

/** The node without its server: head, finality, pool and the making of blocks. One line of blocks at a time. */
export class Chain {
  readonly runtime: Runtime;
  readonly store: ChainStore;
  readonly genesisHash: Hex;
  readonly pool: Pool;
  readonly #settings: ChainSettings;
  readonly #values: Map<Hex, Uint8Array>;
  readonly #listeners = new Set<ChainListener>();
  /** Watchers of included transactions, by the block that holds them, until it is final. */
  readonly #unfinalized = new Map<number, ReadonlyMap<Hex, ReadonlySet<Watcher>>>();
  readonly #retracted = new RetractedBlocks();
  #head: Block;
  #finalized: number;

  constructor(store: ChainStore, runtime: Runtime, settings: ChainSettings, genesis: GenesisOptions) {
    this.store = store;
    this.runtime = runtime;
    this.#settings = settings;
    const stored = store.head() ?? this.#createGenesis(genesis);
    this.#head = opened(stored);
    this.#values = store.headValues(this.#head.number);
    this.#finalized = Math.max(0, this.#head.number - settings.finalityLagBlocks);
    this.genesisHash = store.hashOf(0) ?? ZERO_HASH;
    this.pool = new Pool(runtime, this.genesisHash, settings.poolLimit);
  }

  get head(): Block {
    return this.#head;
  }

  get finalizedNumber(): number {
    return this.#finalized;
  }

  /** The newest state. It changes with every block: read it at once. */
  get headState(): RawState {
    return { read: (key) => this.#values.get(key) ?? null };
  }

  block(hash: Hex): Block | null {
    if (hash === this.#head.hash) return this.#head;
    const stored = this.store.blockByHash(hash);
    return stored === null ? this.#retracted.block(hash) : opened(stored);
  }

  /** The state after a block; null for a block that we do not know. */
  stateAt(hash: Hex): RawState | null {
    if (hash === this.#head.hash) return this.headState;
    const number = this.store.numberOf(hash);
    return number === null ? this.#retracted.stateAt(hash) : this.store.at(number);
  }

  submit(encoded: Uint8Array): PreparedExtrinsic {
    const { number, hash } = this.#head;
    // As a node does it: the check runs at the start of the next block, where the head's hash is on record.
    const next = new State(this.headState);
    next.set(this.runtime.declaration.system.blockHash, [number], hash);
    return this.pool.submit(encoded, next, number + 1);
  }

  subscribe(listener: ChainListener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Makes the next block out of what the pool holds; it is on disk before anybody hears of it. */
  buildBlock(): Block {
    return this.#build({ replaces: null, alsoChanged: [] });
  }

  /**
   * Replaces the last blocks by as many others, as when another fork wins; none that is final. The new blocks hold no
   * transaction: their author had not heard of any. What the old ones held goes back to the pool, or is lost. Gives
   * how many were replaced.
   */
  reorganise(blocks: number, transactions: 'return' | 'lose' = 'return'): number {
    const ancestor = Math.max(this.#finalized, this.#head.number - blocks);
    const gone: Block[] = [];
    for (let number = ancestor + 1; number <= this.#head.number; number++) {
      const stored = this.store.blockByNumber(number);
      if (stored !== null) gone.push(opened(stored));
    }
    const parent = this.store.blockByNumber(ancestor);
    if (parent === null || gone.length === 0) return 0;
    const changed = this.#retracted.keep(this.store, ancestor, gone);
    this.store.rollback(ancestor);
    this.#head = opened(parent);
    const base = this.store.at(ancestor);
    for (const key of changed) this.#write(key, base.read(key));
    for (const block of gone.toReversed()) this.#release(block, transactions);
    for (const [at, { hash }] of gone.entries()) this.#build({ replaces: hash, alsoChanged: at === 0 ? changed : [] });
    this.pool.settle(this.headState, this.#head.number + 1);
    return gone.length;
  }

  #release(block: Block, transactions: 'return' | 'lose'): void {
    const watched = this.#unfinalized.get(block.number);
    this.#unfinalized.delete(block.number);
    for (const encoded of block.extrinsics) {
      const watchers = watched?.get(hashOf(encoded)) ?? new Set();
      tell(watchers, { retracted: block.hash });
      if (transactions === 'return') this.pool.restore(encoded, watchers);
    }
  }

  #build({ replaces, alsoChanged }: { replaces: Hex | null; alsoChanged: Iterable<Hex> }): Block {
    const parent = this.#head;
    const builder = new BlockBuilder(
      this.runtime,
      this.headState,
      parent.number + 1,
      parent.hash,
      this.genesisHash,
      this.#nextTimeMs(),
    );
    const included = replaces === null ? this.pool.fill(builder) : new Map<Hex, ReadonlySet<Watcher>>();
    const changes = builder.finish();
    // Two blocks of one number with nothing in them would be the same block, but for what they say they replace.
    const logs = replaces === null ? [] : ([{ kind: 'Other', value: { 0: hexToU8a(replaces) } }] as const);
    const block = this.#commit(parent, builder.number, builder.extrinsics, changes, logs);
    this.#head = block;
    for (const [key, value] of changes) this.#write(key, value);
    if (replaces === null) this.pool.settle(this.headState, block.number + 1);
    this.#unfinalized.set(block.number, included);
    for (const watchers of included.values()) tell(watchers, { inBlock: block.hash });
    const changed = new Set([...changes.keys(), ...alsoChanged]);
    if (!this.#settings.silent()) for (const { head } of this.#listeners) head?.(block, changed);
    this.#finalize();
    return block;
  }

  #write(key: Hex, value: Uint8Array | null): void {
    if (value === null) this.#values.delete(key);
    else this.#values.set(key, value);
  }

  #nextTimeMs(): number {
    return this.#settings.nextTimeMs(Number(new StateReader(this.headState).get(timestamp.now)));
  }

  #finalize(): void {
    while (this.#finalized < this.#head.number - this.#settings.finalityLagBlocks) {
      this.#finalized++;
      const stored = this.store.blockByNumber(this.#finalized);
      if (stored === null) return;
      const watched = this.#unfinalized.get(stored.number) ?? new Map<Hex, ReadonlySet<Watcher>>();
      for (const watchers of watched.values()) tell(watchers, { finalized: stored.hash });
      this.#unfinalized.delete(stored.number);
      if (!this.#settings.silent()) for (const { finalized } of this.#listeners) finalized?.(opened(stored));
    }
    this.#retracted.forget(this.#finalized);
  }

  #commit(
    parent: Block,
    number: number,
    extrinsics: readonly Uint8Array[],
    changes: ReadonlyMap<Hex, Uint8Array | null>,
    logs: HeaderValue['digest']['logs'],
  ): Block {
    const header: HeaderValue = {
      parentHash: parent.hash,
      number,
      stateRoot: stateRoot(parent.header.stateRoot, changes),
      extrinsicsRoot: extrinsicsRoot(extrinsics),
      digest: { logs },
    };
    const hash = headerHash(header);
    this.store.commit({ number, hash, header: encode(Header, header), extrinsics }, changes);
    return { number, hash, header, extrinsics };
  }

  #createGenesis(options: GenesisOptions): StoredBlock {
    const state = genesisState(this.runtime.declaration, options);
    const root = stateRoot(ZERO_HASH, state.changes);
    // The root leaves the beacon out: it begins now, and the same salt must make the same genesis.
    const genesisS = Math.floor(Date.now() / 1000);
    const { publicKey } = this.runtime.beaconKey(state);
    installBeacon(state, { publicKey, genesisS, periodS: this.#settings.beaconPeriodS });
    const header: HeaderValue = {
      parentHash: ZERO_HASH,
      number: 0,
      stateRoot: root,
      extrinsicsRoot: extrinsicsRoot([]),
      digest: { logs: [] },
    };
    const stored = { number: 0, hash: headerHash(header), header: encode(Header, header), extrinsics: [] };
    this.store.commit(stored, state.changes);
    return stored;
  }
}
