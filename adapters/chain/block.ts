import type { GenericExtrinsic, Vec } from '@polkadot/types';
import type { DispatchError, EventRecord } from '@polkadot/types/interfaces';
import type { Codec } from '@polkadot/types/types';
import { blake2AsHex } from '@polkadot/util-crypto';
import type { Hex } from '../../domain/units.ts';
import { array, hexOf, quantity, record } from './json.ts';
import type { Runtime } from './runtime.ts';

/** A block's extrinsics as bytes; each is decoded only when somebody looks for it. */
export interface BlockBody {
  readonly number: number;
  readonly hash: Hex;
  readonly parent: Hex;
  readonly extrinsics: readonly Hex[];
}

/** The answer of `chain_getBlock`. */
export function bodyOf(answer: unknown, hash: Hex): BlockBody {
  const block = record(record(answer, 'chain_getBlock')['block'], 'block');
  const header = record(block['header'], 'header');
  return {
    number: quantity(header['number'], 'header number'),
    hash,
    parent: hexOf(header['parentHash'], 'parent hash'),
    extrinsics: array(block['extrinsics'], 'extrinsics').map((bytes) => hexOf(bytes, 'extrinsic')),
  };
}

/** The hash by which an extrinsic is known: of its bytes, length prefix included. */
export const extrinsicHash = (bytes: Hex): Hex => hexOf(blake2AsHex(bytes), 'extrinsic hash');

export function decodeExtrinsic(runtime: Runtime, bytes: Hex): GenericExtrinsic {
  return runtime.registry.createType<GenericExtrinsic>('Extrinsic', bytes);
}

/** How the extrinsic at an index of a block ended, from the block's events; null where it succeeded. */
export function dispatchErrorOf(runtime: Runtime, events: Codec, index: number): string | null {
  const records = runtime.registry.createType<Vec<EventRecord>>('Vec<EventRecord>', events.toU8a());
  for (const entry of records) {
    if (!entry.phase.isApplyExtrinsic || !entry.phase.asApplyExtrinsic.eq(index)) continue;
    if (entry.event.section !== 'system' || entry.event.method !== 'ExtrinsicFailed') continue;
    return errorName(runtime, entry.event.data[0]);
  }
  return null;
}

/** `Pallet.Name` of a module's error, the bare name of another. Indexes move between versions, names do not. */
function errorName(runtime: Runtime, error: Codec | undefined): string {
  const dispatch = runtime.registry.createType<DispatchError>('DispatchError', error?.toU8a());
  if (!dispatch.isModule) return dispatch.type;
  try {
    const { section, name } = runtime.registry.findMetaError(dispatch.asModule);
    return `${section.charAt(0).toUpperCase()}${section.slice(1)}.${name}`;
  } catch {
    return `Module.${dispatch.asModule.toHex()}`;
  }
}
