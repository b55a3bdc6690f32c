import type { Codec } from '@polkadot/types/types';
import { hexToBn } from '@polkadot/util';
import type { BlockRef } from '../../domain/chain.ts';
import { fail, isOstinatoError, messageOf } from '../../domain/errors/error.ts';
import { blocks, type Hex } from '../../domain/units.ts';
import { type BlockBody, bodyOf } from './block.ts';
import type { Connection } from './connection.ts';
import { numberOf } from './decode.ts';
import { array, hexOf, isHex, quantity, record } from './json.ts';
import type { Runtime } from './runtime.ts';
import { blockOfChanges, changes, type StorageSlot, slot } from './storage.ts';

/** Keys per page of a listing; a node refuses more. */
const pageSize = 1_000;
/** Numbers of blocks that are kept by hash, to tell whether a state is that of the block that was asked for. */
const keptNumbers = 1_024;
/** The key of `System.Number`: the same on every Substrate chain. */
const numberKey = '0x26aa394eea5630e07c48ae0c9558cef702a5c1b19ab7a04f536c519aca4983ac';
/** Bodies that are kept: enough for the lives of a few extrinsics. */
const keptBodies = 128;

/** Reads of blocks and state, each at an explicit block. */
export class BlockReader {
  readonly #connection: Connection;
  readonly #bodies = new Map<Hex, BlockBody>();
  readonly #numbers = new Map<Hex, number>();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async head(): Promise<BlockRef> {
    return this.header(hexOf(await this.#ask('chain_getBlockHash', []), 'head hash'));
  }

  async finalizedHead(): Promise<BlockRef> {
    return this.header(hexOf(await this.#ask('chain_getFinalizedHead', []), 'finalized hash'));
  }

  async header(hash: Hex): Promise<BlockRef> {
    const header = record(await this.#ask('chain_getHeader', [hash]), 'header');
    const number = blocks(quantity(header['number'], 'header number'));
    this.#note(hash, number);
    return { number, hash };
  }

  /** Hash of a block of the best chain; rejects with OST_CHAIN_BLOCK_UNKNOWN where there is none yet. */
  async hash(number: number): Promise<Hex> {
    const hash = await this.#ask('chain_getBlockHash', [number]);
    if (!isHex(hash)) throw fail('OST_CHAIN_BLOCK_UNKNOWN', { block: number });
    this.#note(hash, number);
    return hash;
  }

  async body(hash: Hex): Promise<BlockBody> {
    const known = this.#bodies.get(hash);
    if (known !== undefined) return known;
    const answer = await this.#ask('chain_getBlock', [hash]);
    if (answer === null) throw fail('OST_CHAIN_BLOCK_UNKNOWN', { block: hash });
    const body = bodyOf(answer, hash);
    this.#bodies.set(hash, body);
    const [oldest] = this.#bodies.keys();
    if (this.#bodies.size > keptBodies && oldest !== undefined) this.#bodies.delete(oldest);
    return body;
  }

  async call(method: string, data: Hex, at: Hex): Promise<Hex> {
    return hexOf(await this.#ask('state_call', [method, data, at], at), method);
  }

  /**
   * Rejects where a state turned out to be another block's: plain nodes may answer for what they pruned from what
   * they have. Says nothing of blocks whose number was never asked for.
   */
  verify(at: Hex, number: number): void {
    const known = this.#numbers.get(at);
    if (known !== undefined && known !== number) throw fail('OST_CHAIN_STATE_PRUNED', { block: known });
  }

  #note(hash: Hex, number: number): void {
    this.#numbers.set(hash, number);
    const [oldest] = this.#numbers.keys();
    if (this.#numbers.size > keptNumbers && oldest !== undefined) this.#numbers.delete(oldest);
  }

  /** Values of several slots in one request. */
  async values(slots: readonly StorageSlot[], at: Hex): Promise<readonly (Codec | null)[]> {
    return (await this.valuesOf(slots, at)).values;
  }

  /** The same at the head where `at` is left out; the answer names the block that it is of. */
  async valuesOf(
    slots: readonly StorageSlot[],
    at: Hex | undefined,
  ): Promise<{ readonly block: Hex; readonly values: (Codec | null)[] }> {
    // The number of the state's own block goes along, to check it by.
    const keys = [...slots.map(({ key }) => key), numberKey];
    const answer = await this.#ask('state_queryStorageAt', at === undefined ? [keys] : [keys, at], at);
    const found = changes(answer);
    // Genesis has no number in its state.
    const held = found.get(numberKey);
    if (at !== undefined) this.verify(at, held == null ? 0 : hexToBn(held, { isLe: true }).toNumber());
    return {
      block: at ?? blockOfChanges(answer),
      values: slots.map(({ key, decode }) => decode(found.get(key) ?? null)),
    };
  }

  /**
   * Every entry below a prefix at a block of the past: keys, then values with the block's own number among them.
   * A node that has lost the state of that block, or answers from another one, does not get past this.
   */
  async entries(runtime: Runtime, below: Hex, at: BlockRef): Promise<ReadonlyMap<Hex, Hex>> {
    const keys: Hex[] = [];
    for (;;) {
      const page = array(
        await this.#ask('state_getKeysPaged', [below, pageSize, keys.at(-1) ?? below, at.hash], at.hash),
        'state_getKeysPaged',
      );
      keys.push(...page.map((key) => hexOf(key, 'storage key')));
      if (page.length < pageSize) break;
    }
    const number = slot(runtime, 'System', 'Number');
    const found = changes(await this.#ask('state_queryStorageAt', [[number.key, ...keys], at.hash], at.hash));
    // Genesis has no number in its state; everywhere else an absent one means that the state is gone.
    const held = found.get(number.key) ?? null;
    const read = held === null ? 0 : numberOf(number.decode(held) ?? undefined, 'System.Number');
    if (read !== at.number) throw fail('OST_CHAIN_STATE_PRUNED', { block: at.number });
    const values = new Map<Hex, Hex>();
    for (const key of keys) {
      const value = found.get(key);
      if (value != null) values.set(key, value);
    }
    return values;
  }

  async #ask(method: string, params: readonly unknown[], at?: Hex): Promise<unknown> {
    try {
      return await this.#connection.call(method, params);
    } catch (error) {
      if (isOstinatoError(error)) throw error;
      const message = messageOf(error);
      // The words of Substrate nodes for state that is gone, and for a block that they never had.
      if (/state already discarded|pruned|UnknownBlock.*State/i.test(message)) {
        throw fail('OST_CHAIN_STATE_PRUNED', { block: at ?? 'unknown' }, { cause: error });
      }
      if (/unknown block|header was not found|block not found/i.test(message)) {
        throw fail('OST_CHAIN_BLOCK_UNKNOWN', { block: at ?? 'unknown' }, { cause: error });
      }
      throw fail('OST_CHAIN_RPC', { endpoint: this.#connection.endpoint, method, message }, { cause: error });
    }
  }
}
