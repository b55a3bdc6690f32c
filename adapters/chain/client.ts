import type { Codec } from '@polkadot/types/types';
import { cryptoWaitReady, decodeAddress } from '@polkadot/util-crypto';
import type { Axon, BlockRef, ChainCommitment, ExtrinsicPosition, SubnetSnapshot } from '../../domain/chain.ts';
import { fail, isOstinatoError, messageOf } from '../../domain/errors/error.ts';
import type { Place } from '../../domain/foreign-write.ts';
import { type Blocks, blocks, type Hex, type Hotkey, type Netuid, type Uid, uid } from '../../domain/units.ts';
import type { CommitRevealState } from '../../domain/weights-road.ts';
import { Archive } from './archive.ts';
import { type BlockBody, decodeExtrinsic, dispatchErrorOf } from './block.ts';
import { holdsCommitment } from './calls.ts';
import { type Capabilities, capabilitiesOf } from './capabilities.ts';
import { readCommitReveal, readTimelockTerms, type TimelockTerms } from './commit-reveal.ts';
import { type CommitmentSpace, commitmentAllowedAt, commitmentSpace } from './commitment-limits.ts';
import { commitmentOf, ownerOf } from './commitments.ts';
import { type ChainLog, Connection, type Send } from './connection.ts';
import { bigintOf, field, listOf, numberOf } from './decode.ts';
import { epochIndex, nextEpochStart } from './epochs.ts';
import { HeadFeed } from './heads.ts';
import { hexOf, quantity, record } from './json.ts';
import { mechanismIndex } from './mechanism.ts';
import { axonOf, metagraphCall, readMetagraph } from './metagraph.ts';
import { readNeurons } from './neurons.ts';
import { writesTo } from './place-writes.ts';
import { BlockReader } from './reader.ts';
import { loadRuntime, type Runtime, storageEntry } from './runtime.ts';
import { decoder, prefix, slot } from './storage.ts';
import { submitAndWatch, type WatchStatus } from './submit.ts';
import { abandonAfter } from './timeout.ts';

export interface ChainOptions {
  /** WebSocket addresses in order of preference. */
  readonly endpoints: readonly string[];
  /** Nodes that keep all states, asked only for what the others have pruned. */
  readonly archiveEndpoints?: readonly string[];
  /** See ConnectionOptions. */
  readonly stallAfterMs?: number;
  readonly returnAfterMs?: number;
  /** Bound of every single request; 10 s where left out. */
  readonly timeoutMs?: number;
  /** Refuse every other chain with OST_CHAIN_WRONG_GENESIS. The first chain met is held to in any case. */
  readonly genesis?: Hex;
  readonly log?: ChainLog;
}

/** Connects to a chain. Rejects with OST_CHAIN_UNREACHABLE or OST_CHAIN_WRONG_GENESIS. */
export async function connectChain(options: ChainOptions): Promise<ChainClient> {
  await cryptoWaitReady();
  const timeoutMs = options.timeoutMs ?? 10_000;
  let genesis = options.genesis ?? null;
  let wrong: Error | null = null;
  let runtime: Runtime | null = null;
  const connection: Connection = new Connection({
    endpoints: options.endpoints,
    timeoutMs,
    ...(options.log === undefined ? {} : { log: options.log }),
    ...(options.returnAfterMs === undefined ? {} : { returnAfterMs: options.returnAfterMs }),
    stallAfterMs: () => options.stallAfterMs ?? stallAfterMs(runtime),
    onConnect: async (send) => {
      const found = hexOf(await send('chain_getBlockHash', [0]), 'genesis hash');
      if (genesis !== null && found !== genesis) {
        wrong = fail('OST_CHAIN_WRONG_GENESIS', { endpoint: connection.endpoint, expected: genesis, found });
        throw wrong;
      }
      genesis = found;
      // A runtime that was upgraded while the connection was down would else be met with the old types.
      if (runtime === null || (await specVersion(send)) !== runtime.specVersion) runtime = await loadRuntime(send);
    },
  });
  const found = () => {
    if (genesis === null || runtime === null) throw fail('OST_CHAIN_DECODE', { what: 'connection' });
    return { genesis, runtime };
  };
  try {
    await connection.open();
    const { archiveEndpoints = [], log } = options;
    const archive =
      archiveEndpoints.length === 0
        ? null
        : new Archive({
            endpoints: archiveEndpoints,
            timeoutMs,
            genesis: found().genesis,
            ...(log === undefined ? {} : { log }),
          });
    const client = new ChainClient(connection, found().genesis, () => found().runtime, archive);
    const versions = {
      notice: 'state_runtimeVersion',
      start: 'state_subscribeRuntimeVersion',
      stop: 'state_unsubscribeRuntimeVersion',
    };
    await connection.subscribe(versions, (notice) => {
      if (versionOf(notice) === found().runtime.specVersion) return;
      loadRuntime((method, params) => connection.call(method, params)).then(
        (upgraded) => {
          runtime = upgraded;
        },
        (error: unknown) => options.log?.('chain_runtime_unread', { reason: messageOf(error) }),
      );
    });
    return client;
  } catch (error) {
    await connection.close();
    throw wrong ?? error;
  }
}

/** Five blocks, but no less than a busy machine may need for one of a fast chain. */
const stallAfterMs = (runtime: Runtime | null): number =>
  Math.max(10_000, 5 * (runtime === null ? 12_000 : capabilitiesOf(runtime).blockTimeMs));

const versionOf = (version: unknown): number => Number(record(version, 'runtime version')['specVersion']);

const specVersion = async (send: Send): Promise<number> => versionOf(await send('state_getRuntimeVersion', []));

/** What is read of a chain. Every method is bounded in time and rejects with errors of the catalogue. */
export class ChainClient {
  readonly genesis: Hex;
  readonly #connection: Connection;
  readonly #reader: BlockReader;
  readonly #runtime: () => Runtime;
  readonly #heads: HeadFeed;
  readonly #finalized: HeadFeed;
  readonly #archive: Archive | null;

  constructor(connection: Connection, genesis: Hex, runtime: () => Runtime, archive: Archive | null = null) {
    this.#connection = connection;
    this.#archive = archive;
    this.#reader = new BlockReader(connection);
    this.#runtime = runtime;
    this.genesis = genesis;
    const at = (number: number) => this.block(number);
    this.#heads = new HeadFeed(connection, {
      methods: { notice: 'chain_newHead', start: 'chain_subscribeNewHeads', stop: 'chain_unsubscribeNewHeads' },
      current: () => this.head(),
      at,
    });
    this.#finalized = new HeadFeed(connection, {
      methods: {
        notice: 'chain_finalizedHead',
        start: 'chain_subscribeFinalizedHeads',
        stop: 'chain_unsubscribeFinalizedHeads',
      },
      current: () => this.finalizedHead(),
      at,
    });
  }

  /** The endpoint in use, for messages. */
  get endpoint(): string {
    return this.#connection.endpoint;
  }

  get isConnected(): boolean {
    return this.#connection.isReady;
  }

  /** Types and calls of the present runtime; it changes with an upgrade, so do not keep it. */
  get runtime(): Runtime {
    return this.#runtime();
  }

  /** What the present runtime can do; read it anew at each use, for the same reason. */
  get capabilities(): Capabilities {
    return capabilitiesOf(this.runtime);
  }

  async head(): Promise<BlockRef> {
    return this.#reader.head();
  }

  async finalizedHead(): Promise<BlockRef> {
    return this.#reader.finalizedHead();
  }

  /** Hash of a block of the best chain; OST_CHAIN_BLOCK_UNKNOWN where there is none yet. */
  async blockHash(number: number): Promise<Hex> {
    return this.#reader.hash(number);
  }

  async block(number: number): Promise<BlockRef> {
    return { number: blocks(number), hash: await this.#reader.hash(number) };
  }

  async body(hash: Hex): Promise<BlockBody> {
    return this.#reader.body(hash);
  }

  /** A subnet at one block; two requests at most, whatever the number of neurons (see readNeurons for the limit). */
  async snapshot(netuid: Netuid, at?: Hex): Promise<SubnetSnapshot> {
    const call = metagraphCall(this.runtime, netuid);
    if (call === null) return this.#past((reader) => readNeurons(this.runtime, reader, netuid, at));
    const hash = at ?? hexOf(await this.#connection.call('chain_getBlockHash', []), 'head hash');
    return this.#past(async (reader) => {
      const graph = readMetagraph(call.decode(await reader.call(call.method, call.data, hash)), hash, netuid);
      reader.verify(hash, graph.block.number);
      return graph;
    });
  }

  /**
   * All commitments of a subnet as they stood at the end of a block. Strangers' too: a hotkey that left keeps its
   * entry, so join with the neurons. OST_CHAIN_STATE_PRUNED where the endpoint no longer has that state.
   */
  async commitments(netuid: Netuid, atBlock: number): Promise<readonly ChainCommitment[]> {
    const at = await this.block(atBlock);
    const runtime = this.runtime;
    const decode = decoder(runtime, storageEntry(runtime, 'Commitments', 'CommitmentOf'));
    const below = prefix(runtime, 'Commitments', 'CommitmentOf', netuid);
    const found: ChainCommitment[] = [];
    for (const [key, bytes] of await this.#past((reader) => reader.entries(runtime, below, at))) {
      const value = decode(bytes);
      if (value !== null) found.push(commitmentOf(ownerOf(key), value));
    }
    return found;
  }

  /** One hotkey's commitment, or null. */
  async commitment(netuid: Netuid, hotkey: Hotkey, at: Hex): Promise<ChainCommitment | null> {
    const [value] = await this.#values([slot(this.runtime, 'Commitments', 'CommitmentOf', netuid, hotkey)], at);
    return value == null ? null : commitmentOf(hotkey, value);
  }

  /** How much of its room for commitments a hotkey has used in the present epoch; null on chains without that limit. */
  async commitmentSpace(netuid: Netuid, hotkey: Hotkey, at?: Hex): Promise<CommitmentSpace | null> {
    return commitmentSpace(this.runtime, this.#reader, netuid, hotkey, await this.#at(at));
  }

  /** The first block that may hold a commitment after one that was refused as too soon; null where not known. */
  async commitmentAllowedAt(netuid: Netuid, hotkey: Hotkey, at?: Hex): Promise<Blocks | null> {
    return commitmentAllowedAt(this.runtime, this.#reader, netuid, hotkey, await this.#at(at));
  }

  /** The block at which the next epoch begins at the earliest; null where a subnet has none. */
  async nextEpochStart(netuid: Netuid, at?: Hex): Promise<Blocks | null> {
    return nextEpochStart(this.runtime, this.#reader, netuid, await this.#at(at));
  }

  /** The number by which commits to weights and room for commitments count the epochs of a subnet. */
  async epochIndex(netuid: Netuid, at?: Hex): Promise<number> {
    return epochIndex(this.runtime, this.#reader, netuid, await this.#at(at));
  }

  /** The epochs of a subnet and a hotkey's commitments to weights there, at one block (the head where left out). */
  async commitReveal(netuid: Netuid, mecid: number, hotkey: Hotkey, at?: Hex): Promise<CommitRevealState> {
    return readCommitReveal(this.runtime, this.#reader, { netuid, mecid, hotkey }, await this.#at(at));
  }

  /** What a timelocked commitment needs; OST_CHAIN_UNSUPPORTED on a chain without a beacon. */
  async timelockTerms(at: Hex): Promise<TimelockTerms> {
    return readTimelockTerms(this.runtime, this.#reader, at);
  }

  /** Where in its block a hotkey's commitment was made: the last of that block, since it replaces those before it. */
  async commitmentPosition(netuid: Netuid, hotkey: Hotkey, block: number): Promise<ExtrinsicPosition> {
    const { extrinsics } = await this.#reader.body(await this.#reader.hash(block));
    const index = extrinsics.findLastIndex((bytes) =>
      holdsCommitment(decodeExtrinsic(this.runtime, bytes), hotkey, netuid),
    );
    if (index < 0) throw fail('OST_CHAIN_COMMITMENT_NOT_FOUND', { block, hotkey, netuid });
    return { block: blocks(block), index };
  }

  /** The served address of a hotkey, or null. */
  async axon(netuid: Netuid, hotkey: Hotkey, at?: Hex): Promise<Axon | null> {
    const [value] = await this.#values([slot(this.runtime, 'SubtensorModule', 'Axons', netuid, hotkey)], at);
    return value == null ? null : axonOf(value);
  }

  /** The uid of a hotkey, or null where it is not registered. */
  async registration(netuid: Netuid, hotkey: Hotkey, at?: Hex): Promise<Uid | null> {
    const [value] = await this.#values([slot(this.runtime, 'SubtensorModule', 'Uids', netuid, hotkey)], at);
    return value == null ? null : uid(numberOf(value, 'Uids'));
  }

  /** Weights as stored: values scaled so that the largest is 65535, in the order in which they were sent. */
  async weights(netuid: Netuid, from: Uid, mecid: number, at?: Hex): Promise<readonly (readonly [number, number])[]> {
    const index = mechanismIndex(netuid, mecid);
    const [value] = await this.#values([slot(this.runtime, 'SubtensorModule', 'Weights', index, from)], at);
    return listOf(value ?? undefined, 'Weights').map((pair) => pairOf(pair));
  }

  /** The block of a uid's last weights, or of its registration; 0 for none. */
  async lastUpdate(netuid: Netuid, of: Uid, mecid: number, at?: Hex): Promise<Blocks> {
    const index = mechanismIndex(netuid, mecid);
    const [value] = await this.#values([slot(this.runtime, 'SubtensorModule', 'LastUpdate', index)], at);
    const entry = listOf(value ?? undefined, 'LastUpdate')[of];
    return blocks(entry === undefined ? 0 : numberOf(entry, 'LastUpdate'));
  }

  /** A per-subnet number by its storage name, such as `ServingRateLimit`. */
  async parameter(netuid: Netuid, name: string, at?: Hex): Promise<number> {
    const [value] = await this.#values([slot(this.runtime, 'SubtensorModule', name, netuid)], at);
    return numberOf(value ?? undefined, name);
  }

  /** Free balance in rao and the nonce at a block (the head where left out). */
  async account(hotkey: Hotkey, at?: Hex): Promise<{ readonly freeRao: bigint; readonly nonce: number }> {
    const [value] = await this.#values([slot(this.runtime, 'System', 'Account', hotkey)], at);
    if (value == null) return { freeRao: 0n, nonce: 0 };
    return {
      freeRao: bigintOf(field(field(value, 'data'), 'free'), 'free balance'),
      nonce: numberOf(field(value, 'nonce'), 'nonce'),
    };
  }

  /** The nonce to use next, what waits in the endpoint's pool counted in. */
  async nextNonce(hotkey: Hotkey): Promise<number> {
    return quantity(await this.#connection.call('system_accountNextIndex', [hotkey]), 'system_accountNextIndex');
  }

  /** The name of the error with which the extrinsic at an index of a block failed; null where it succeeded. */
  async dispatchError(block: Hex, index: number): Promise<string | null> {
    const [events] = await this.#reader.values([slot(this.runtime, 'System', 'Events')], block);
    return events == null ? null : dispatchErrorOf(this.runtime, events, index);
  }

  /** The indexes of a block's extrinsics that wrote to a place, and did not fail. */
  async writesTo(place: Place, block: Hex): Promise<readonly number[]> {
    const [events] = await this.#values([slot(this.runtime, 'System', 'Events')], block);
    return events == null ? [] : writesTo(this.runtime, events, place);
  }

  /** How long a block takes: measured over the last ones, never longer than the runtime's own figure. */
  async blockTimeMs(): Promise<number> {
    const { blockTimeMs } = this.capabilities;
    const head = await this.head();
    const span = Math.min(measuredBlocks, head.number - 1);
    if (span < 2) return blockTimeMs;
    const now = slot(this.runtime, 'Timestamp', 'Now');
    const [late, early] = await Promise.all(
      [head.hash, await this.blockHash(head.number - span)].map((at) => this.#reader.values([now], at)),
    );
    const passedMs = numberOf(late?.[0] ?? undefined, 'Timestamp') - numberOf(early?.[0] ?? undefined, 'Timestamp');
    return Math.max(1, Math.min(blockTimeMs, Math.round(passedMs / span)));
  }

  /** See {@link submitAndWatch}. */
  async submit(bytes: Hex, signal: AbortSignal): Promise<WatchStatus> {
    return submitAndWatch(this.#connection, bytes, signal);
  }

  /** The best chain's blocks from the newest (or `from`) on, without gaps, for as long as `signal` allows. */
  heads(options: { readonly from?: number; readonly signal?: AbortSignal } = {}): AsyncGenerator<BlockRef> {
    return this.#heads.blocks(options.from ?? null, options.signal);
  }

  /** The same of finalized blocks. */
  finalizedHeads(options: { readonly from?: number; readonly signal?: AbortSignal } = {}): AsyncGenerator<BlockRef> {
    return this.#finalized.blocks(options.from ?? null, options.signal);
  }

  /** Resolves with the head as soon as it is at or after `number`; rejects when `signal` aborts. */
  async waitForBlock(number: number, signal?: AbortSignal): Promise<BlockRef> {
    for await (const head of this.heads(signal === undefined ? {} : { signal })) {
      if (head.number >= number) return head;
    }
    throw signal?.reason instanceof Error ? signal.reason : new Error('aborted');
  }

  async close(): Promise<void> {
    await abandonAfter(Promise.all([this.#heads.stop(), this.#finalized.stop()]), 1_000).catch(() => undefined);
    await Promise.all([this.#connection.close(), this.#archive?.close()]);
  }

  async #values(slots: Parameters<BlockReader['values']>[0], at: Hex | undefined) {
    return (await this.#past((reader) => reader.valuesOf(slots, at))).values;
  }

  /** A read of state; what this endpoint has pruned is asked of an archive, where one is configured. */
  async #past<T>(read: (reader: BlockReader) => Promise<T>): Promise<T> {
    try {
      return await read(this.#reader);
    } catch (error) {
      if (this.#archive === null || !isOstinatoError(error, 'OST_CHAIN_STATE_PRUNED')) throw error;
      return read(await this.#archive.reader());
    }
  }

  async #at(at: Hex | undefined): Promise<Hex> {
    return at ?? hexOf(await this.#connection.call('chain_getBlockHash', []), 'head hash');
  }
}

/** Blocks over which the pace is measured; short, because a devnet's pace is changed at a restart. */
const measuredBlocks = 10;

function pairOf(pair: Codec): readonly [number, number] {
  const [left, right] = Array.isArray(pair) ? pair : [];
  return [numberOf(left, 'weight uid'), numberOf(right, 'weight')];
}

/** An account's 32-byte public key; throws for what is no address. */
export const publicKeyOf = (hotkey: Hotkey): Uint8Array => decodeAddress(hotkey);
