import { inspect } from 'node:util';
import { Keyring } from '@polkadot/keyring';
import type { KeyringPair } from '@polkadot/keyring/types';
import { hexToU8a, u8aToHex } from '@polkadot/util';
import { cryptoWaitReady, mnemonicValidate } from '@polkadot/util-crypto';
import { fail } from '../../domain/errors/error.ts';
import { type Hex, type Hotkey, hotkey } from '../../domain/units.ts';
import { verifySignature } from './verify.ts';

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

/**
 * Makes a signer of a private key as key files have it (64 bytes: a scalar and a nonce, as schnorrkel writes them) and
 * the public key beside it. Nothing derives the one from the other here, so a signature tells whether they belong.
 */
export async function signerFromPrivateKey(privateKey: string, publicKey: string, source: string): Promise<Signer> {
  await cryptoWaitReady();
  const refuse = (reason: string) => fail('OST_WALLET_INVALID', { source, reason });
  if (!/^(?:0x)?[0-9a-fA-F]{128}$/.test(privateKey)) throw refuse('its privateKey is not of 64 bytes');
  if (!/^0x[0-9a-fA-F]{64}$/.test(publicKey)) throw refuse('it has a privateKey and no publicKey');
  const secretKey = hexToU8a(privateKey.startsWith('0x') ? privateKey : `0x${privateKey}`);
  multiplyByCofactor(secretKey.subarray(0, 32));
  const pair = { publicKey: hexToU8a(publicKey), secretKey };
  const signer = new Signer(new Keyring({ type: 'sr25519', ss58Format: 42 }).addFromPair(pair));
  if (!signsForItself(signer)) throw refuse('its privateKey does not belong to its publicKey');
  return signer;
}

function signsForItself(signer: Signer): boolean {
  const probe = new Uint8Array(32);
  try {
    return verifySignature(probe, signer.sign(probe), signer.hotkey);
  } catch {
    // The library's own words are about encodings of points.
    return false;
  }
}

/** The keyring keeps scalars in the form of ed25519, eight times the scalar; three bits up, little end first. */
function multiplyByCofactor(scalar: Uint8Array): void {
  let carry = 0;
  scalar.forEach((byte, index) => {
    scalar[index] = ((byte << 3) | carry) & 0xff;
    carry = byte >> 5;
  });
}

function isSecret(secret: string): boolean {
  const [root = ''] = secret.split('/');
  if (root === '') return secret.startsWith('//');
  return /^0x[0-9a-fA-F]{64}$/.test(root) || mnemonicValidate(root);
}
