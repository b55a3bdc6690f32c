import { describe, expect, test } from '@jest/globals';
import { majorityManifest, majorityModel } from '../../../domain/merge/majority.ts';
import { hotkey } from '../../../domain/units.ts';

const peer = (name: string, stake: number) => ({ hotkey: hotkey(name), stakeRao: String(stake) });
const committed = (name: string, hash: string, version = 7) => ({ hotkey: hotkey(name), hash, version });
const peers = [peer('a', 10), peer('b', 20), peer('c', 15)];

describe('the majority’s model', () => {
  test('is the one with the most stake behind it', () => {
    const found = majorityModel(peers, [committed('a', 'x'), committed('b', 'y'), committed('c', 'x')]);
    expect(found).toEqual({ hash: 'x', version: 7, holders: ['a', 'c'] });
  });

  test('is never that of strangers, however many, and none where nobody committed one', () => {
    expect(majorityModel(peers, [committed('a', 'x'), committed('s', 'y'), committed('t', 'y')])?.hash).toBe('x');
    expect(majorityModel(peers, [committed('s', 'y')])).toBeNull();
  });

  test('of equal stake is the one that more hold, then the smallest hash, in whatever order they are read', () => {
    const equal = [peer('a', 10), peer('b', 10), peer('c', 20)];
    const each = [committed('c', 'aa'), committed('a', 'bb'), committed('b', 'bb')];
    for (const order of [each, each.toReversed()]) expect(majorityModel(equal, order)?.hash).toBe('bb');
    const two = [peer('a', 10), peer('b', 10)];
    const tie = [committed('a', 'bb'), committed('b', 'aa')];
    for (const order of [tie, tie.toReversed()]) expect(majorityModel(two, order)?.hash).toBe('aa');
  });
});

describe('the majority’s files', () => {
  const majority = { hash: 'x', version: 7, holders: [hotkey('a'), hotkey('b'), hotkey('c')] };
  const report = (name: string, manifest: string, hash = 'x') => ({ hotkey: hotkey(name), hash, version: 7, manifest });

  test('are those that the most stake of it reports, so that momentum has a majority too', () => {
    const found = majorityManifest(peers, majority, [report('a', 'm'), report('b', 'n'), report('c', 'm')]);
    expect(found).toEqual({ model: { hash: 'x', version: 7, manifest: 'm' }, holders: ['a', 'c'] });
  });

  test('are unknown where nobody of it reports any, whatever the others say', () => {
    expect(majorityManifest(peers, { ...majority, holders: [hotkey('a')] }, [report('b', 'n')])).toBeNull();
    expect(majorityManifest(peers, majority, [report('a', 'm', 'y')])).toBeNull();
  });
});
