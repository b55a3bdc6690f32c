import { expect, test } from '@jest/globals';
import { hexToU8a } from '@polkadot/util';
import { encodeAddress } from '@polkadot/util-crypto';
import fc from 'fast-check';
import { addressOf } from '../../../adapters/chain/address.ts';

test('a known key has its known address', () => {
  const alice = hexToU8a('0xd43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d');
  expect(addressOf(alice)).toBe('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY');
});

test('the address of any key is the one that the library gives', () => {
  const edges = [new Uint8Array(32), new Uint8Array(32).fill(255)];
  for (const key of edges) expect(addressOf(key)).toBe(encodeAddress(key, 42));
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (key) => {
      expect(addressOf(key)).toBe(encodeAddress(key, 42));
    }),
    { numRuns: 300 },
  );
});
