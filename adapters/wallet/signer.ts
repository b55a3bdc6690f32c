import { inspect } from 'node:util';
import { Keyring } from '@polkadot/keyring';
import type { KeyringPair } from '@polkadot/keyring/types';
import { u8aToHex } from '@polkadot/util';
import { cryptoWaitReady, mnemonicValidate } from '@polkadot/util-crypto';
import { fail } from '../../domain/errors/error.ts';
import { type Hex, type Hotkey, hotkey } from '../../domain/units.ts';

/**
 * Holds a hotkey's key pair and signs with it: sr25519, context "substrate". The pair is in a private field and the
 * object refuses to be written anywhere, so that a key cannot get into a history, a log or a message by accident.
 */
export class Signer {
  readonly hotkey: Hotkey;
  readonly publicKey: Hex;
  readonly #pair: KeyringPair;

  constructor(pair: KeyringPair) {
    this.#pair = pair;
    this.hotkey = hotkey(pair.address);
    this.publicKey = u8aToHex(pair.publicKey);
  }

  /** 64 bytes over the message as it is: no hashing, no wrapping. */
  sign(message: Uint8Array): Uint8Array {
    return this.#pair.sign(message);
  }

  toJSON(): never {
    throw new TypeError('a signer cannot be serialised');
  }

  [inspect.custom](): string {
    return `Signer(${this.hotkey})`;
  }
}

/** Makes a signer of a mnemonic, a 0x-seed or a dev URI such as `//Alice`; `source` names it in errors. */
export async function signerFromSecret(secret: string, source: string): Promise<Signer> {
  await cryptoWaitReady();
  // The library would make a key of any short text by padding it: a typing error must not become another hotkey.
  if (!isSecret(secret)) {
    throw fail('OST_WALLET_INVALID', { source, reason: 'it is no 32-byte seed, valid mnemonic or development URI' });
  }
  try {
    return new Signer(new Keyring({ type: 'sr25519', ss58Format: 42 }).addFromUri(secret));
  } catch {
    // Never the library's own words: some of them repeat what they were given.
    throw fail('OST_WALLET_INVALID', { source, reason: 'no key can be derived from it' });
  }
}

function isSecret(secret: string): boolean {
  const [root = ''] = secret.split('/');
  if (root === '') return secret.startsWith('//');
  return /^0x[0-9a-fA-F]{64}$/.test(root) || mnemonicValidate(root);
}
