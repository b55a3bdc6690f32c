import { ApiPromise, Keyring, WsProvider } from '@polkadot/api';
import type { SubmittableExtrinsic } from '@polkadot/api/types';
import type { KeyringPair } from '@polkadot/keyring/types';
import type { ProviderInterface } from '@polkadot/rpc-provider/types';
import type { DispatchError, EventRecord } from '@polkadot/types/interfaces';
import type { AnyJson, Codec } from '@polkadot/types/types';
import { hexToU8a, u8aToHex } from '@polkadot/util';
import { cryptoWaitReady } from '@polkadot/util-crypto';
import { type Devnet, type DevnetOptions, startDevnet } from '../../../devnet/chain/start.ts';

/** A gated chain in memory with a client: what most tests run on. */
export interface Bench {
  readonly net: Devnet;
  readonly api: ApiPromise;
  key(uri: string): KeyringPair;
  close(): Promise<void>;
}

export type Tx = SubmittableExtrinsic<'promise'>;

export async function startBench(options: Partial<DevnetOptions> = {}): Promise<Bench> {
  await cryptoWaitReady();
  const net = await startDevnet({ folder: null, port: 0, blockTimeMs: 'gated', ...options });
  const api = await connect(net.url);
  const keyring = new Keyring({ type: 'sr25519' });
  // A pair takes a stretching of its phrase, and tests ask for the same few again and again.
  const pairs = new Map<string, KeyringPair>();
  const key = (uri: string): KeyringPair => {
    const pair = pairs.get(uri) ?? keyring.addFromUri(uri);
    pairs.set(uri, pair);
    return pair;
  };
  return {
    net,
    api,
    key,
    close: async () => {
      await hangUp(api);
      await net.close();
    },
  };
}

export const connect = (url: string): Promise<ApiPromise> =>
  ApiPromise.create({ provider: provider(url), noInitWarn: true });

/**
 * Reconnects after 20 ms. The cast: the library's class does not fit its own interface under exact optional types,
 * because of a `ttl` that may be undefined.
 */
export const provider = (url: string): ProviderInterface => new WsProvider(url, 20) as unknown as ProviderInterface;

/** Waits until there is a socket, as it comes back after one that was cut. */
export const connected = (api: ApiPromise): Promise<boolean> =>
  eventually(
    () => api.isConnected,
    (is) => is,
  );

/** Disconnects and waits until the socket is closed, so that nothing is left behind a test. */
export async function hangUp(api: ApiPromise): Promise<void> {
  // Between a socket that was cut and the next one there is none whose end could be told.
  await connected(api);
  const closed = new Promise<void>((resolve) => {
    api.once('disconnected', () => resolve());
  });
  await api.disconnect();
  await closed;
}

/** `tx(api, 'balances.transferKeepAlive', …)`: an unknown name is the test's own error. */
export function tx(api: ApiPromise, name: string, ...args: unknown[]): Tx {
  const [section = '', method = ''] = name.split('.');
  const build = api.tx[section]?.[method];
  if (build === undefined) throw new Error(`no call ${name}`);
  return build(...args);
}

/** A storage value at the head, or at a block. */
export async function stored(
  api: ApiPromise,
  name: string,
  args: readonly unknown[] = [],
  at?: string,
): Promise<Codec> {
  const [section = '', item = ''] = name.split('.');
  const source = at === undefined ? api : await api.at(at);
  const read = source.query[section]?.[item];
  if (read === undefined) throw new Error(`no storage ${name}`);
  return read(...args);
}

export const storedJson = async (api: ApiPromise, name: string, ...args: unknown[]): Promise<AnyJson> =>
  (await stored(api, name, args)).toJSON();

/** A runtime call by names, as JSON. */
export async function called(api: ApiPromise, name: string, ...args: unknown[]): Promise<AnyJson> {
  const [section = '', method = ''] = name.split('.');
  const call = api.call[section]?.[method];
  if (call === undefined) throw new Error(`no runtime call ${name}`);
  return (await call(...args)).toJSON();
}

export interface Included {
  readonly block: string;
  readonly index: number;
  /** `section.name` of the module error, the kind of another one, null for success. */
  readonly error: string | null;
  /** `section.Name` of each event, in order. */
  readonly events: readonly string[];
}

/** Signs, submits, builds the block and says what became of it. A refusal by the pool rejects. */
export async function include({ net, api }: Bench, call: Tx, who: KeyringPair): Promise<Included> {
  const signed = await call.signAsync(who, { era: 0, nonce: -1 });
  await request(net, 'author_submitExtrinsic', signed.toHex());
  return outcome(api, (await net.buildBlock()).hash, signed.hash.toHex());
}

/** What became of a transaction in a block. */
export async function outcome(api: ApiPromise, block: string, hash: string): Promise<Included> {
  const { block: body } = await api.rpc.chain.getBlock(block);
  const index = body.extrinsics.findIndex((each) => each.hash.toHex() === hash);
  const records = (await stored(api, 'system.events', [], block)) as Codec & Iterable<EventRecord>;
  const own = [...records].filter(({ phase }) => phase.isApplyExtrinsic && phase.asApplyExtrinsic.toNumber() === index);
  const failed = own.find(({ event }) => event.method === 'ExtrinsicFailed');
  return {
    block,
    index,
    error: failed === undefined ? null : errorName(api, failed.event.data[0]),
    events: own.map(({ event }) => `${event.section}.${event.method}`),
  };
}

export function errorName(api: ApiPromise, error: Codec | undefined): string {
  const decoded = error as DispatchError; // the event's only field of that place
  if (!decoded.isModule) return decoded.toString();
  const { section, name } = api.registry.findMetaError(decoded.asModule);
  return `${section}.${name}`;
}

export interface RpcError {
  readonly code: number;
  readonly message: string;
  readonly data?: string;
}

/** One request by HTTP, past all of the client's own handling; rejects with the error object as it came. */
export async function request(net: Pick<Devnet, 'url'>, method: string, ...params: unknown[]): Promise<unknown> {
  const answer = await raw(net, { jsonrpc: '2.0', id: 1, method, params });
  if (answer.error !== undefined) throw answer.error;
  return answer.result;
}

export async function raw(
  net: Pick<Devnet, 'url'>,
  body: unknown,
): Promise<{ readonly result?: unknown; readonly error?: RpcError }> {
  const response = await fetch(net.url.replace('ws:', 'http:'), { method: 'POST', body: JSON.stringify(body) });
  return (await response.json()) as { readonly result?: unknown; readonly error?: RpcError };
}

/** How the pool refuses a call, signed with the right nonce. */
export async function refusalOf(bench: Bench, call: Tx, who: KeyringPair): Promise<unknown> {
  const signed = await call.signAsync(who, { era: 0, nonce: -1 });
  return request(bench.net, 'author_submitExtrinsic', signed.toHex()).then(
    () => 'accepted',
    (error: unknown) => error,
  );
}

export const customError = (code: number) => ({
  code: 1010,
  message: 'Invalid Transaction',
  data: `Custom error: ${code}`,
});

/** Sets storage as root, by SCALE bytes in hex. */
export function setStorage(bench: Bench, key: string, value: string): Promise<Included> {
  return asRoot(bench, tx(bench.api, 'system.setStorage', [[key, value]]));
}

export async function asRoot(bench: Bench, call: Tx): Promise<Included> {
  const result = await include(bench, tx(bench.api, 'sudo.sudo', call), bench.key('//Alice'));
  if (result.error !== null) throw new Error(result.error);
  return result;
}

export const flipBit = (hex: string, at: number): string => {
  const bytes = hexToU8a(hex);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return u8aToHex(bytes);
};

/** Waits for what a connection is about to push; fails with the last value where it never comes. */
export async function eventually<T>(read: () => T | Promise<T>, holds: (value: T) => boolean): Promise<T> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const value = await read();
    if (holds(value)) return value;
    if (Date.now() > deadline) throw new Error(`never came about: ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
