import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeBase64Url, encodeBase64Url } from '../../domain/base64url.ts';
import {
  blockMessage,
  commitMessage,
  decodeSignature,
  encodeSignature,
  isModelHash,
  messageHex,
  uploadMessage,
} from '../../domain/signed-message.ts';

const aliceHex = 'd43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d';
const alice = Uint8Array.from(Buffer.from(aliceHex, 'hex'));
const hash = '2ff50b0a9fa15db290be56b00ccad6dd7d53b7342a00d103';

describe('signed messages', () => {
  test('a block message is the target key and the block as big-endian u64', () => {
    expect(messageHex(blockMessage(alice, 2150493))).toBe(`${aliceHex}000000000020d05d`);
  });

  test('an upload message puts the raw hash before the block message', () => {
    expect(messageHex(uploadMessage(hash, alice, 2150493))).toBe(`${hash}${aliceHex}000000000020d05d`);
  });

  test('a commit signs the text of the hash', () => {
    expect(Buffer.from(commitMessage(hash)).toString('ascii')).toBe(hash);
    expect(commitMessage(hash)).toHaveLength(48);
  });

  test('a key of another length is refused', () => {
    expect(() => blockMessage(alice.subarray(1), 1)).toThrow(RangeError);
  });

  test('only 48 lower-case hex digits are a model hash', () => {
    expect(isModelHash(hash)).toBe(true);
    for (const other of [hash.toUpperCase(), hash.slice(1), `${hash}0`, `${hash}\n`, 5])
      expect(isModelHash(other)).toBe(false);
  });
});

describe('base64url', () => {
  test('agrees with the platform and reads back, padded or not', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        const text = encodeBase64Url(bytes);
        expect(text).toBe(Buffer.from(bytes).toString('base64url'));
        expect(decodeBase64Url(text)).toEqual(bytes);
        expect(decodeBase64Url(text.padEnd(Math.ceil(text.length / 4) * 4, '='))).toEqual(bytes);
      }),
    );
  });

  test('a signature has one text of 86 characters', () => {
    const signature = new Uint8Array(64).fill(255);
    const text = encodeSignature(signature);
    expect(text).toHaveLength(86);
    expect(decodeSignature(text)).toEqual(signature);
    // The last character holds four bits that encode nothing; setting them must not give a second valid text.
    expect(text.at(-1)).toBe('w');
    for (const last of ['x', 'y', 'z', '_']) expect(decodeSignature(text.slice(0, -1) + last)).toBeNull();
    for (const wrong of [text.slice(0, 84), `${text}=`, `${text}A`, text.replace('_', '/'), ''])
      expect(decodeSignature(wrong)).toBeNull();
  });
});
