import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { guardedRoad } from '../../../../adapters/artifacts/pull/guard.ts';
import { isPublicAddress } from '../../../../adapters/artifacts/pull/public-address.ts';
import { Line } from '../../../../adapters/artifacts/transfer/request.ts';

/** What a stranger may name to get at this machine, its network or its cloud. */
const hostile = [
  'http://127.0.0.1/',
  'http://127.1/',
  'http://127.0.0.1:22/',
  'http://127.255.255.254/',
  'http://0.0.0.0/',
  'http://0/',
  'http://10.0.0.1/',
  'http://10.255.255.255:6379/',
  'http://100.64.0.1/',
  'http://100.100.100.200/latest/meta-data/',
  'http://169.254.169.254/latest/meta-data/iam/security-credentials/',
  'http://169.254.170.2/v2/credentials',
  'http://169.254.0.1/',
  'http://172.16.0.1/',
  'http://172.31.255.255/',
  'http://172.17.0.1:2375/containers/json',
  'http://192.0.0.192/',
  'http://192.0.2.1/',
  'http://192.88.99.1/',
  'http://192.168.0.1/',
  'http://192.168.255.255/',
  'http://198.18.0.1/',
  'http://198.19.255.255/',
  'http://198.51.100.7/',
  'http://203.0.113.7/',
  'http://224.0.0.1/',
  'http://239.255.255.250:1900/',
  'http://240.0.0.1/',
  'http://255.255.255.255/',
  // The same addresses in the other forms that URLs know.
  'http://2130706433/',
  'http://0x7f000001/',
  'http://0x7f.1/',
  'http://0177.0.0.1/',
  'http://017700000001/',
  'http://127.0.1/',
  'http://127.0x0.1/',
  'http://3232235777/',
  'http://0xa9fea9fe/',
  'http://2852039166/',
  'http://①②⑦.⓪.⓪.①/',
  'http://127。0。0。1/',
  'http://127.0.0.1./',
  'http://%31%32%37.0.0.1/',
  // IPv6, with IPv4 inside of it or without.
  'http://[::]/',
  'http://[::1]/',
  'http://[0:0:0:0:0:0:0:1]/',
  'http://[::ffff:127.0.0.1]/',
  'http://[::ffff:7f00:1]/',
  'http://[::ffff:a9fe:a9fe]/',
  'http://[::ffff:8.8.8.8]/',
  'http://[::127.0.0.1]/',
  'http://[64:ff9b::127.0.0.1]/',
  'http://[64:ff9b::a9fe:a9fe]/',
  'http://[2002:7f00:1::]/',
  'http://[2001:0:7f00:1::]/',
  'http://[2001:db8::1]/',
  'http://[fe80::1]/',
  'http://[fc00::1]/',
  'http://[fd00:ec2::254]/latest/meta-data/',
  'http://[ff02::1]/',
  'http://[100::1]/',
  'http://[3fff::1]/',
  // Other schemes, and a name with a password.
  'file:///etc/passwd',
  'data:text/plain,hello',
  'ftp://ftp.example.org/',
  'gopher://example.org/',
  'ws://example.org/',
  'javascript:alert(1)',
  'http://user:password@example.org/',
  'https://user@example.org/',
] as const;

const caught = async (work: () => Promise<unknown>): Promise<unknown> =>
  work().then(
    () => 'done',
    (error: unknown) => error,
  );

describe('an address that a stranger named', () => {
  const road = guardedRoad({ allowPrivate: false });

  test('is refused where it is of this machine, its network or no HTTP at all', () => {
    expect(hostile.length).toBeGreaterThanOrEqual(60);
    for (const url of hostile) {
      let code: unknown = 'allowed';
      try {
        road.allow(new URL(url));
      } catch (error) {
        code = { ...(error as object) };
      }
      expect([url, code]).toEqual([url, expect.objectContaining({ code: 'OST_PULL_ADDRESS' })]);
    }
  });

  test('is refused by what its name resolves to, when the connection is made', async () => {
    await using line = new Line({ ...road }, 1);
    for (const url of ['http://localhost:9/', 'https://LOCALHOST:9/']) {
      const error = await caught(() => line.get(url, {}));
      expect(error).toMatchObject({ code: 'OST_PULL_ADDRESS' });
    }
  });

  test('may be of the internet', () => {
    for (const url of [
      'http://1.1.1.1/',
      'https://8.8.8.8:8443/x',
      'http://[2606:4700::1111]/',
      'https://example.org/',
    ]) {
      expect(() => road.allow(new URL(url))).not.toThrow();
    }
  });

  test("may be anything where the operator allows it, and the operator's own servers always", () => {
    const open = guardedRoad({ allowPrivate: true });
    expect(() => open.allow(new URL('http://127.0.0.1:5/'))).not.toThrow();
    expect(() => open.allow(new URL('file:///etc/passwd'))).toThrow();
    const trusting = guardedRoad({ allowPrivate: false, trusted: [new URL('http://10.1.2.3:80/')] });
    expect(() => trusting.allow(new URL('http://10.1.2.3/x'))).not.toThrow();
    expect(() => trusting.allow(new URL('http://10.1.2.4/x'))).toThrow();
  });
});

test('no address of a private network is public, however it is written', () => {
  const octet = fc.nat(255);
  const inside = fc.oneof(
    fc.tuple(fc.constantFrom(10, 127, 0), octet, octet, octet),
    fc.tuple(fc.constant(192), fc.constant(168), octet, octet),
    fc.tuple(fc.constant(169), fc.constant(254), octet, octet),
    fc.tuple(fc.constant(172), fc.integer({ min: 16, max: 31 }), octet, octet),
  );
  fc.assert(
    fc.property(inside, (parts) => {
      const address = parts.join('.');
      expect(isPublicAddress(address)).toBe(false);
      expect(isPublicAddress(`::ffff:${address}`)).toBe(false);
      const number = parts.reduce((sum, part) => sum * 256 + part, 0);
      expect(isPublicAddress(new URL(`http://${number}/`).hostname)).toBe(false);
    }),
  );
  for (const text of ['', 'localhost', '1.1.1', '::ffff:', 'fe80::1%eth0', '2606:4700::1%1']) {
    expect(isPublicAddress(text)).toBe(false);
  }
});
