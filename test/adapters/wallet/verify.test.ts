import { beforeAll, describe, expect, test } from '@jest/globals';
import { cryptoWaitReady, sr25519Verify } from '@polkadot/util-crypto';
import fc from 'fast-check';
import { loadSigner } from '../../../adapters/wallet/load.ts';
import type { Signer } from '../../../adapters/wallet/signer.ts';
import { publicKeyOf, verifySignature } from '../../../adapters/wallet/verify.ts';

let alice: Signer;
let bob: Signer;

beforeAll(async () => {
  await cryptoWaitReady();
  alice = await loadSigner({ kind: 'uri', uri: '//Alice' });
  bob = await loadSigner({ kind: 'uri', uri: '//Bob' });
});

const text = new TextEncoder();

describe('a signature', () => {
  test.each(['', 'x', 'a request', 'y'.repeat(100_000)])('holds for its own message and hotkey alone (%#)', (words) => {
    const message = text.encode(words);
    const signature = alice.sign(message);
    expect(verifySignature(message, signature, alice.hotkey)).toBe(true);
    expect(verifySignature(message, signature, bob.hotkey)).toBe(false);
    expect(verifySignature(text.encode(`${words}!`), signature, alice.hotkey)).toBe(false);
  });

  test('of another length, of another form or of no address is false, and no error', () => {
    const message = text.encode('a request');
    const signature = alice.sign(message);
    for (const length of [0, 1, 63])
      expect(verifySignature(message, signature.slice(0, length), alice.hotkey)).toBe(false);
    expect(verifySignature(message, new Uint8Array([...signature, 0]), alice.hotkey)).toBe(false);
    for (const byte of [0, 255])
      expect(verifySignature(message, new Uint8Array(64).fill(byte), alice.hotkey)).toBe(false);
    for (const address of ['', 'nobody', alice.hotkey.slice(1), `${alice.hotkey}1`]) {
      expect(verifySignature(message, signature, address)).toBe(false);
    }
  });

  test('in which one bit is another is judged as another implementation of sr25519 judges it', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(511), (message, bit) => {
        const signature = Uint8Array.from(alice.sign(message));
        const place = bit >> 3;
        signature[place] = (signature[place] ?? 0) ^ (1 << (bit & 7));
        const judged = verifySignature(message, signature, alice.hotkey);
        expect(judged).toBe(independent(message, signature));
        expect(judged).toBe(false);
      }),
      { numRuns: 60 },
    );
  });
});

/** The JavaScript implementation; it throws at what is no signature at all. */
function independent(message: Uint8Array, signature: Uint8Array): boolean {
  try {
    return sr25519Verify(message, signature, publicKeyOf(alice.hotkey));
  } catch {
    return false;
  }
}
