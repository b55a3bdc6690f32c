import { initSync, tld, tle } from '@ideallabs/timelock_wasm_wrapper';
import { roundIdentity } from './beacon.ts';

/** The Rust scheme that the chain itself runs: its ciphertexts open there, and those of the Python SDK open here. */
export interface Timelock {
  /** Encrypts to a beacon's round. `key` are 32 random bytes, never used twice. Throws where the public key is none. */
  seal(message: Uint8Array, round: bigint, publicKey: Uint8Array, key: Uint8Array): Uint8Array;
  /**
   * Opens what was sealed to the round of a signature (48 bytes); null where it was not, or is no ciphertext at all.
   */
  open(sealed: Uint8Array, signature: Uint8Array): Uint8Array | null;
}

const CURVE = 'bls12_381';

/** `wasm`: the bytes of `timelock_wasm_wrapper_bg.wasm`, which only a layer that may read files can bring. */
export function createTimelock(wasm: Uint8Array<ArrayBuffer>): Timelock {
  initSync({ module: wasm });
  return {
    seal: (message, round, publicKey, key) =>
      bytesOf(tle([...roundIdentity(round)], [...message], [...key], [...publicKey], CURVE)),
    open: (sealed, signature) => {
      try {
        return bytesOf(tld([...sealed], [...signature], CURVE));
      } catch {
        return null; // the scheme says no more than that it would not open
      }
    },
  };
}

/** The module hands bytes out as a plain list. */
function bytesOf(list: unknown): Uint8Array {
  if (!Array.isArray(list)) throw new TypeError('the timelock scheme gave no list of bytes');
  return Uint8Array.from(list, Number);
}
