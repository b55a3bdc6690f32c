import type { TypeRegistry } from '@polkadot/types';
import { blake2AsHex } from '@polkadot/util-crypto';
import type { Hex } from '../../domain/units.ts';

/** What a commit to weights is about, and what its reveal has to say again. */
export interface WeightCommit {
  /** SS58 address. */
  readonly hotkey: string;
  /** Subnet and mechanism in one number. */
  readonly index: number;
  readonly uids: readonly number[];
  /** As submitted, before the chain scales them. */
  readonly values: readonly number[];
  readonly salt: readonly number[];
  readonly versionKey: number;
}

/** The hash that `commit_weights` takes: blake2b-256 over the SCALE tuple. The suite's own, beside the product's. */
export function weightCommitHash(registry: TypeRegistry, commit: WeightCommit): Hex {
  const { hotkey, index, uids, values, salt, versionKey } = commit;
  const tuple = '(AccountId32,u16,Vec<u16>,Vec<u16>,Vec<u16>,u64)';
  const payload = registry.createType(tuple, [hotkey, index, uids, values, salt, versionKey]).toU8a();
  const hash = blake2AsHex(payload, 256);
  return `0x${hash.slice(2)}`;
}
