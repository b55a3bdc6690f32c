import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ipNumber, ipOf } from '../../../adapters/chain/ip.ts';

test.each([
  ['203.0.113.7', 3405803783n, 4],
  ['127.0.0.2', 2130706434n, 4],
  ['::1', 1n, 6],
  ['2001:db8::ff00:42:8329', 0x20010db8000000000000ff0000428329n, 6],
  ['::ffff:1.2.3.4', 0xffff01020304n, 6],
])('%s is the number %s', (text, value, version) => {
  expect(ipNumber(text)).toEqual({ value, version });
});

test('numbers come back as the addresses that they were made of', () => {
  fc.assert(fc.property(fc.ipV4(), (ip) => expect(ipOf(ipNumber(ip).value, 4)).toBe(ip)));
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }), (value) =>
      expect(ipNumber(ipOf(value, 6)).value).toBe(value),
    ),
  );
});

test('a host name is refused', () => {
  expect(() => ipNumber('localhost')).toThrow(/localhost/);
});
