import { bls12_381 } from '@noble/curves/bls12-381.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { roundIdentity } from '../../../../domain/timelock/beacon.ts';
import type { RawState } from '../../state/state.ts';
import { SALT_KEY } from '../salt.ts';
import { compressed, hashToPoint, multiply } from './g1.ts';

/** The secret of the devnet's own beacon; a real one's is shared among its members and never in one place. */
export interface BeaconKey {
  /** 96 bytes in G2, compressed. */
  readonly publicKey: Uint8Array;
  /** The round's signature: 48 bytes in G1, compressed. */
  sign(round: bigint): Uint8Array;
}

/** drand's scheme `bls-unchained-g1-rfc9380`. */
const DOMAIN = 'BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_';

/** Every chain has a key of its own, made from what makes its genesis its own. */
export function beaconKey(salt: Uint8Array): BeaconKey {
  const { G2, fields } = bls12_381;
  const digest = sha512(Uint8Array.from([...new TextEncoder().encode('ostinato beacon'), ...salt]));
  const secret = digest.reduce((sum, byte) => fields.Fr.create(sum * 256n + BigInt(byte)), 0n);
  // The secret hides nothing, so the fast ways will do; and a copy of the base point, unlike the base point itself,
  // makes no table of multiples first, which takes a second.
  const base = G2.Point.fromAffine(G2.Point.BASE.toAffine());
  return {
    publicKey: base.multiplyUnsafe(secret).toBytes(true),
    sign: (round) => compressed(multiply(hashToPoint(roundIdentity(round), DOMAIN), secret)),
  };
}

/** The key of the chain whose state it is; made once, since one runtime serves one chain. */
export function lazyBeaconKey(): (state: RawState) => BeaconKey {
  let key: BeaconKey | null = null;
  return (state) => {
    key ??= beaconKey(state.read(SALT_KEY) ?? new Uint8Array());
    return key;
  };
}
