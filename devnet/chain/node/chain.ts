import type { Hex } from '../../../domain/units.ts';
import { timestamp } from '../declaration/pallets/timestamp.ts';
import type { GenesisOptions } from '../options.ts';
import { installBeacon } from '../runtime/beacon/config.ts';
import { BlockBuilder } from '../runtime/execute.ts';
import { genesisState } from '../runtime/genesis.ts';
import type { PreparedExtrinsic, Runtime } from '../runtime/runtime.ts';
import { decode, encode } from '../scale/codec.ts';
import { type RawState, State, StateReader } from '../state/state.ts';
import type { ChainStore, StoredBlock } from '../state/store.ts';
import { extrinsicsRoot, Header, type HeaderValue, headerHash, stateRoot } from './header.ts';
import { Pool, tell, type Watcher } from './pool.ts';

export interface Block {
  readonly number: number;
  readonly hash: Hex;
  readonly header: HeaderValue;
  readonly extrinsics: readonly Uint8Array[];
}

export interface ChainListener {
  /** A new head, with the keys that it wrote. */
  readonly head?: (block: Block, changed: ReadonlySet<Hex>) => void;
  readonly finalized?: (block: Block) => void;
}

export interface ChainSettings {
  readonly finalityLagBlocks: number;
  /** Seconds between two rounds of the chain's own beacon. */
  readonly beaconPeriodS: number;
  /** The next block's time, from that of the last one (0 at genesis): milliseconds since 1970, always later. */
  nextTimeMs(lastMs: number): number;
}

const ZERO_HASH: Hex = `0x${'00'.repeat(32)}`;

/** The node without its server: head, finality, pool and the making of blocks. One line of blocks, never a fork. */
export class Chain {
  readonly runtime: Runtime;
  readonly store: ChainStore;
  readonly genesisHash: Hex;
  readonly pool: Pool;
  readonly #settings: ChainSettings;
  readonly #values: Map<Hex, Uint8Array>;
  readonly #listeners = new Set<ChainListener>();
  /** Watchers of included transactions, by the block that holds them, until it is final. */
  readonly #unfinalized = new Map<number, Watcher[]>();
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
    this.pool = new Pool(runtime, this.genesisHash);
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
    return stored === null ? null : opened(stored);
  }

  /** The state after a block; null for a block that we do not know. */
  stateAt(hash: Hex): RawState | null {
    if (hash === this.#head.hash) return this.headState;
    const number = this.store.numberOf(hash);
    return number === null ? null : this.store.at(number);
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
    const parent = this.#head;
    const builder = new BlockBuilder(
      this.runtime,
      this.headState,
      parent.number + 1,
      parent.hash,
      this.genesisHash,
      this.#nextTimeMs(),
    );
    const included = this.pool.fill(builder);
    const changes = builder.finish();
    const block = this.#commit(parent, builder.number, builder.extrinsics, changes);
    this.#head = block;
    for (const [key, value] of changes) {
      if (value === null) this.#values.delete(key);
      else this.#values.set(key, value);
    }
    this.pool.settle(this.headState, block.number + 1);
    const watchers = [...included.values()].flatMap((each) => [...each]);
    this.#unfinalized.set(block.number, watchers);
    tell(watchers, { inBlock: block.hash });
    const changed = new Set(changes.keys());
    for (const { head } of this.#listeners) head?.(block, changed);
    this.#finalize();
    return block;
  }

  #nextTimeMs(): number {
    return this.#settings.nextTimeMs(Number(new StateReader(this.headState).get(timestamp.now)));
  }

  #finalize(): void {
    while (this.#finalized < this.#head.number - this.#settings.finalityLagBlocks) {
      this.#finalized++;
      const stored = this.store.blockByNumber(this.#finalized);
      if (stored === null) return;
      tell(this.#unfinalized.get(stored.number) ?? [], { finalized: stored.hash });
      this.#unfinalized.delete(stored.number);
      for (const { finalized } of this.#listeners) finalized?.(opened(stored));
    }
  }

  #commit(
    parent: Block,
    number: number,
    extrinsics: readonly Uint8Array[],
    changes: ReadonlyMap<Hex, Uint8Array | null>,
  ): Block {
    const header: HeaderValue = {
      parentHash: parent.hash,
      number,
      stateRoot: stateRoot(parent.header.stateRoot, changes),
      extrinsicsRoot: extrinsicsRoot(extrinsics),
      digest: { logs: [] },
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

const opened = ({ number, hash, header, extrinsics }: StoredBlock): Block => ({
  number,
  hash,
  header: decode(Header, header),
  extrinsics,
});
