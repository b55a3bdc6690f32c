import type { StorageEntry } from '@polkadot/types/primitive/types';
import type { Codec } from '@polkadot/types/types';
import { compactStripLength, hexToU8a, u8aToHex } from '@polkadot/util';
import { fail } from '../../domain/errors/error.ts';
import type { Hex } from '../../domain/units.ts';
import { array, hexOf, isHex, record } from './json.ts';
import { type Runtime, storageEntry } from './runtime.ts';

/** A place in the chain's state with the type of what lies there. */
export interface StorageSlot {
  readonly key: Hex;
  readonly decode: (bytes: Hex | null) => Codec | null;
}

/** The slot of `pallet.item(…args)`. */
export function slot(
  runtime: Runtime,
  pallet: string,
  item: string,
  ...args: readonly (string | number)[]
): StorageSlot {
  const entry = storageEntry(runtime, pallet, item);
  const [, key] = compactStripLength(entry(...args));
  return { key: u8aToHex(key), decode: decoder(runtime, entry) };
}

/** Decodes a value; an absent one becomes its declared default, or null where it is optional. */
export function decoder(runtime: Runtime, entry: StorageEntry): (bytes: Hex | null) => Codec | null {
  const { type, modifier, fallback } = entry.meta;
  const name = runtime.registry.createLookupType(type.isMap ? type.asMap.value : type.asPlain);
  return (bytes) => {
    if (bytes === null && !modifier.isDefault) return null;
    return runtime.registry.createType(name, bytes === null ? fallback.toU8a(true) : hexToU8a(bytes));
  };
}

/** Key of the first `args` of a map: all entries below begin with it. */
export function prefix(runtime: Runtime, pallet: string, item: string, ...args: readonly (string | number)[]): Hex {
  const entry = storageEntry(runtime, pallet, item);
  if (entry.iterKey === undefined) throw fail('OST_CHAIN_UNSUPPORTED', { what: `map ${pallet}.${item}` });
  return entry.iterKey(...args).toHex();
}

/** The answer of `state_queryStorageAt`: values by key. */
export function changes(answer: unknown): ReadonlyMap<Hex, Hex | null> {
  const values = new Map<Hex, Hex | null>();
  for (const set of array(answer, 'state_queryStorageAt')) {
    for (const change of array(record(set, 'change set')['changes'], 'changes')) {
      const [key, value] = array(change, 'change');
      values.set(hexOf(key, 'storage key'), isHex(value) ? value : null);
    }
  }
  return values;
}

/** The block of an answer of `state_queryStorageAt`. */
export const blockOfChanges = (answer: unknown): Hex =>
  hexOf(record(array(answer, 'state_queryStorageAt')[0], 'change set')['block'], 'block of the change set');
