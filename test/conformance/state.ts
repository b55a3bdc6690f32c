import type { Codec } from '@polkadot/types/types';
import { isHex } from '../../adapters/chain/json.ts';
import { type Runtime, storageEntry } from '../../adapters/chain/runtime.ts';
import { slot } from '../../adapters/chain/storage.ts';
import type { Hex } from '../../domain/units.ts';
import type { Ground, StateValue } from './ground.ts';

/** A key and a value of the chain's state, encoded by its metadata; null where it is to be gone. */
export function encodeState(runtime: Runtime, netuid: number, wanted: StateValue): readonly [Hex, Hex | null] {
  const { item, pallet = 'SubtensorModule', keys = [netuid], value } = wanted;
  const { type } = storageEntry(runtime, pallet, item).meta;
  const name = runtime.registry.createLookupType(type.isMap ? type.asMap.value : type.asPlain);
  const encoded = value === null ? null : runtime.registry.createType(name, value).toHex(true);
  return [slot(runtime, pallet, item, ...keys).key, encoded];
}

/** One value by a request of its own, past the client; null where there is none and no default. */
export async function storedValue(
  { client, rpc }: Pick<Ground, 'client' | 'rpc'>,
  pallet: string,
  item: string,
  keys: readonly (string | number)[],
  at?: Hex,
): Promise<Codec | null> {
  const { key, decode } = slot(client.runtime, pallet, item, ...keys);
  const value = await rpc.call('state_getStorage', key, ...(at === undefined ? [] : [at]));
  return decode(isHex(value) ? value : null);
}

export const hasItem = (runtime: Runtime, pallet: string, item: string): boolean =>
  runtime.meta.query[lowerFirst(pallet)]?.[lowerFirst(item)] !== undefined;

export const hasCall = (runtime: Runtime, pallet: string, call: string): boolean =>
  runtime.meta.tx[lowerFirst(pallet)]?.[call] !== undefined;

/** Whether a pallet declares an error of this name. */
export const hasError = (runtime: Runtime, pallet: string, name: string): boolean =>
  runtime.meta.errors[lowerFirst(pallet)]?.[name] !== undefined;

const lowerFirst = (name: string): string => `${name.charAt(0).toLowerCase()}${name.slice(1)}`;
