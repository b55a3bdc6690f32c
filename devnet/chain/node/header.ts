import { hexToU8a, u8aConcat } from '@polkadot/util';
import type { Hex } from '../../../domain/units.ts';
import { hashOf } from '../runtime/extrinsic.ts';
import { encode, type ValueOf } from '../scale/codec.ts';
import { struct } from '../scale/composite.ts';
import { Digest, H256 } from '../scale/known.ts';
import { compact, u32 } from '../scale/primitive.ts';

export const Header = struct('sp_runtime::generic::header::Header', {
  parentHash: H256,
  number: compact(u32),
  stateRoot: H256,
  extrinsicsRoot: H256,
  digest: Digest,
});
export type HeaderValue = ValueOf<typeof Header>;

export const headerHash = (header: HeaderValue): Hex => hashOf(encode(Header, header));

/**
 * A digest of the former root and of all changes. It stands where a node has the root of its trie: nobody can prove
 * single values against it, but two chains have the same root only where they have the same history.
 */
export function stateRoot(parent: Hex, changes: ReadonlyMap<Hex, Uint8Array | null>): Hex {
  const sorted = [...changes].sort(([a], [b]) => (a < b ? -1 : 1));
  const parts = sorted.flatMap(([key, value]) => [
    frame(hexToU8a(key)),
    value === null ? new Uint8Array([0]) : u8aConcat(new Uint8Array([1]), frame(value)),
  ]);
  return hashOf(u8aConcat(hexToU8a(parent), ...parts));
}

export const extrinsicsRoot = (extrinsics: readonly Uint8Array[]): Hex => hashOf(u8aConcat(...extrinsics));

function frame(data: Uint8Array): Uint8Array {
  const size = new Uint8Array(4);
  new DataView(size.buffer).setUint32(0, data.length, true);
  return u8aConcat(size, data);
}
