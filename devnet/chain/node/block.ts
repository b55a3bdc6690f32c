import type { Hex } from '../../../domain/units.ts';
import { decode } from '../scale/codec.ts';
import type { StoredBlock } from '../state/store.ts';
import { Header, type HeaderValue } from './header.ts';

export interface Block {
  readonly number: number;
  readonly hash: Hex;
  readonly header: HeaderValue;
  /** Each with its length in front. */
  readonly extrinsics: readonly Uint8Array[];
}

export const opened = ({ number, hash, header, extrinsics }: StoredBlock): Block => ({
  number,
  hash,
  header: decode(Header, header),
  extrinsics,
});
