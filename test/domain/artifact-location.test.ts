import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { artifactLocation, axonUrl, isServed } from '../../domain/artifact-location.ts';
import { minerHashCommit, readCommitPayload } from '../../domain/commit-payload.ts';

const axon = { ip: '10.0.0.7', port: 8091 };
const pushed = { kind: 'pushed' };
const hashed = { modelHash: 'ab'.repeat(24), version: 2_150_493, group: 0 };

describe('the location of a miner’s file', () => {
  test.each([
    ['nowhere', null, pushed],
    [
      'a repository’s revision',
      ['owner/name', '1234567'],
      { kind: 'hugging_face', repo: 'owner/name', revision: '1234567' },
    ],
    ['a repository', ['owner/name', null], { kind: 'hugging_face', repo: 'owner/name', revision: 'main' }],
    ['an address', ['https://files.example/a/b?c=1', null], { kind: 'http', url: 'https://files.example/a/b?c=1' }],
    ['a path on its own address', ['/m/7', null], { kind: 'http', url: 'http://10.0.0.7:8091/m/7' }],
  ] as const)('is read from a commitment that names %s', (_name, location, expected) => {
    const given = location === null ? null : { repo: location[0], revision: location[1] };
    expect(artifactLocation(given, axon)).toEqual(expected);
  });

  test.each([
    ['another scheme', 'file:///etc/passwd', null],
    ['blanks', 'http://a b/', null],
    ['an address without a host', 'http://', null],
    ['steps upwards', '../..', null],
    ['a repository without an owner', 'name', null],
    ['a revision with a slash', 'owner/name', 'a/../b'],
  ])('that means nothing, such as %s, is as if it were not there', (_name, repo, revision) => {
    expect(artifactLocation({ repo, revision }, axon)).toEqual(pushed);
  });

  test('on an address of its own needs one on chain', () => {
    for (const none of [null, { ip: '0.0.0.0', port: 80 }, { ip: '10.0.0.7', port: 0 }, { ip: '::', port: 80 }]) {
      expect(isServed(none)).toBe(false);
      expect(artifactLocation({ repo: '/m', revision: null }, none)).toEqual(pushed);
    }
    expect(artifactLocation({ repo: '/m', revision: null }, { ip: '2001:db8::7', port: 80 })).toEqual({
      kind: 'http',
      url: 'http://[2001:db8::7]:80/m',
    });
    expect(axonUrl(axon)).toBe('http://10.0.0.7:8091');
  });

  test('has 47 bytes in a commitment, and comes back from it', () => {
    const url = `https://${'h'.repeat(39)}`;
    const text = minerHashCommit({ ...hashed, location: { repo: url, revision: null } });
    expect(text).toHaveLength(128);
    const payload = readCommitPayload(text);
    expect(payload.kind === 'hash' && artifactLocation(payload.location, null)).toEqual({ kind: 'http', url });
  });

  test('never throws, whatever somebody committed', () => {
    fc.assert(
      fc.property(fc.string(), fc.option(fc.string()), (repo, revision) => {
        expect(['pushed', 'http', 'hugging_face']).toContain(artifactLocation({ repo, revision }, axon).kind);
      }),
    );
  });
});
