import type { Hex } from '../../../domain/units.ts';
import { BLOCK_HASH_COUNT } from '../declaration/pallets/system.ts';
import { timestampCalls } from '../declaration/pallets/timestamp.ts';
import { Writer } from '../scale/bytes.ts';
import type { ValueOf } from '../scale/codec.ts';
import { vec } from '../scale/composite.ts';
import { H256, Phase } from '../scale/known.ts';
import { type RawState, State } from '../state/state.ts';
import { accountOf } from './accounts.ts';
import { bareExtrinsic } from './extrinsic.ts';
import { type Invalidity, InvalidTransaction } from './failure.ts';
import { Fullness } from './limits.ts';
import type { PreparedExtrinsic, Runtime } from './runtime.ts';

type PhaseValue = ValueOf<typeof Phase>;
const topics = vec(H256);

/** A block in the making: initialised, holding its timestamp, open for transactions. */
export class BlockBuilder {
  readonly #runtime: Runtime;
  readonly #genesisHash: Hex;
  readonly #state: State;
  readonly #records: Uint8Array[] = [];
  readonly #fullness = new Fullness();
  readonly number: number;
  readonly extrinsics: Uint8Array[] = [];

  constructor(runtime: Runtime, parent: RawState, number: number, parentHash: Hex, genesisHash: Hex, nowMs: number) {
    this.#runtime = runtime;
    this.#genesisHash = genesisHash;
    this.#state = new State(parent);
    this.number = number;
    const { system } = runtime.declaration;
    this.#state.set(system.number, [], number);
    this.#state.set(system.parentHash, [], parentHash);
    this.#state.set(system.blockHash, [number - 1], parentHash);
    if (number > BLOCK_HASH_COUNT) this.#state.remove(system.blockHash, number - 1 - BLOCK_HASH_COUNT);
    runtime.begin(this.#state, number);
    this.#record({ kind: 'Initialization', value: {} }, this.#state.events.splice(0));
    // Every block's first extrinsic is its time; the beacon's rounds that have come out by then follow it.
    this.#apply(runtime.decode(bareExtrinsic(timestampCalls.set, { now: BigInt(nowMs) })));
    const pulses = runtime.pulsesDue(this.#state, number, nowMs);
    if (pulses !== null) this.#apply(runtime.decode(pulses));
  }

  /** The nonce that a signer's next transaction in this block must have. */
  nonceOf(who: Hex): number {
    return accountOf(this.#state, who).nonce;
  }

  /** Includes a transaction; null if it is in, otherwise why it cannot be, here and now. */
  include(transaction: PreparedExtrinsic): Invalidity | null {
    const { refTime, encoded } = transaction;
    if (!this.#fullness.hasRoomFor(refTime, encoded.length)) return { kind: 'ExhaustsResources' };
    const layer = new State(this.#state);
    try {
      this.#runtime.validate(layer, transaction, this.number, this.#genesisHash);
    } catch (error) {
      if (error instanceof InvalidTransaction) return error.reason;
      throw error;
    }
    this.#apply(transaction);
    this.#fullness.add(refTime, encoded.length);
    return null;
  }

  /** All changes of the block, its event list among them. */
  finish(): ReadonlyMap<Hex, Uint8Array | null> {
    const { system } = this.#runtime.declaration;
    const out = new Writer();
    out.compact(BigInt(this.#records.length));
    for (const record of this.#records) out.raw(record);
    this.#state.set(system.events, [], out.finish());
    this.#state.set(system.eventCount, [], this.#records.length);
    return this.#state.changes;
  }

  #apply(transaction: PreparedExtrinsic): void {
    const phase: PhaseValue = { kind: 'ApplyExtrinsic', value: { 0: this.extrinsics.length } };
    this.#runtime.apply(this.#state, transaction, this.number);
    this.#record(phase, this.#state.events.splice(0));
    this.extrinsics.push(transaction.encoded);
  }

  #record(phase: PhaseValue, events: readonly Uint8Array[]): void {
    for (const event of events) {
      const out = new Writer();
      Phase.encode(phase, out);
      out.raw(event);
      topics.encode([], out);
      this.#records.push(out.finish());
    }
  }
}
