import { expect, test } from '@jest/globals';
import { TypeRegistry } from '@polkadot/types';
import fc from 'fast-check';
import { decodeWeightsPayload, encodeWeightsPayload } from '../../../domain/timelock/weights-payload.ts';

const registry = new TypeRegistry();
const TYPE = '(Vec<u8>, Vec<u16>, Vec<u16>, u64)';
const payloads = fc.record({
  hotkey: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  uids: fc.array(fc.nat(65_535), { maxLength: 300 }),
  values: fc.array(fc.nat(65_535), { maxLength: 300 }),
  versionKey: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
});

test('the payload of a timelocked commit is SCALE, and comes back as it was', () => {
  fc.assert(
    fc.property(payloads, (payload) => {
      const { hotkey, uids, values, versionKey } = payload;
      const bytes = encodeWeightsPayload(payload);
      const list = registry.createType('Bytes', registry.createType('Vec<u8>', [...hotkey]).toU8a());
      expect(bytes).toEqual(registry.createType(TYPE, [list, uids, values, versionKey]).toU8a());
      expect(decodeWeightsPayload(bytes)).toEqual(payload);
    }),
    { numRuns: 50 },
  );
});

test('the older form, without a hotkey, is read, too', () => {
  const older = { hotkey: null, uids: [1, 2], values: [3, 4], versionKey: 5n };
  expect(decodeWeightsPayload(encodeWeightsPayload(older))).toEqual(older);
});

test('bytes that are no payload are told as such, however they break off', () => {
  expect(decodeWeightsPayload(new Uint8Array())).toBeNull();
  fc.assert(
    fc.property(payloads, fc.nat(60), (payload, cut) => {
      const bytes = encodeWeightsPayload(payload);
      const short = bytes.slice(0, Math.min(cut, bytes.length - 1));
      expect(() => decodeWeightsPayload(short)).not.toThrow();
    }),
    { numRuns: 100 },
  );
});
