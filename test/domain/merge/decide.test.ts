import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  type Check,
  decideMerge,
  type HeldAnnouncement,
  type HeldVouch,
  minimumContributors,
} from '../../../domain/merge/decide.ts';
import type { Verdict } from '../../../domain/merge/messages.ts';
import { hotkey } from '../../../domain/units.ts';

const base = '00'.repeat(24);
const peer = (name: string, stake = 10) => ({ hotkey: hotkey(name), stakeRao: String(stake) });
const announced = (name: string, digest = `of ${name}`, inTime = true): HeldAnnouncement => ({
  hotkey: hotkey(name),
  digest,
  base,
  gradients: [],
  inTime,
});
const list = (
  name: string,
  ...seen: readonly (readonly [of: string, digest?: string, verdict?: Verdict])[]
): HeldVouch => ({
  hotkey: hotkey(name),
  seen: seen.map(([of, announcement = `of ${of}`, verdict = 'sound']) => ({
    hotkey: hotkey(of),
    announcement,
    verdict,
  })),
});
const three = [peer('a'), peer('b'), peer('c')];
const all = ['a', 'b', 'c'] as const;

const outcomes = (
  announcements: readonly HeldAnnouncement[],
  vouches: readonly HeldVouch[],
  checks: readonly Check[] = [],
) =>
  Object.fromEntries(
    decideMerge({ peers: three, announcements, vouches, checks }).peers.map((row) => [row.hotkey, row.outcome]),
  );

describe('who is merged', () => {
  test('are those whom more than half of the stake found sound', () => {
    const vouches = [list('a', ['a'], ['b'], ['c', 'of c', 'unavailable']), list('b', ['a'], ['b']), list('c', ['c'])];
    expect(
      outcomes(
        all.map((name) => announced(name)),
        vouches,
      ),
    ).toEqual({ a: 'merged', b: 'merged', c: 'unvouched' });
  });

  test('goes by stake and not by heads', () => {
    const peers = [peer('a', 100), peer('b'), peer('c')];
    const vouches = [list('a', ['a']), list('b', ['b'], ['c']), list('c', ['b'], ['c'])];
    const { members } = decideMerge({ peers, announcements: all.map((name) => announced(name)), vouches, checks: [] });
    expect(members.map((member) => member.hotkey)).toEqual(['a']);
  });

  test('is nobody of whom a list names a second announcement that is at hand', () => {
    const both = [announced('a'), announced('a', 'another'), announced('b')];
    const vouches = [list('a', ['a'], ['b']), list('b', ['a'], ['b']), list('c', ['a', 'another', 'malformed'], ['b'])];
    expect(outcomes(both, vouches)).toEqual({ a: 'contradicts', b: 'merged', c: 'absent' });
  });

  test('is not spoilt by a list that names what its author never signed', () => {
    const vouches = [list('a', ['a']), list('b', ['a']), list('c', ['a', 'invented'])];
    expect(outcomes([announced('a')], vouches)).toMatchObject({ a: 'merged' });
  });

  test('hears nothing of a validator that sent two different lists', () => {
    const vouches = [list('a', ['a']), list('b', ['a']), list('b', ['c']), list('c', ['c'])];
    expect(outcomes([announced('a'), announced('c')], vouches)).toMatchObject({ a: 'unvouched', c: 'unvouched' });
  });

  test('is told with the reason of everybody else', () => {
    const announcements = [announced('a', 'late', false), announced('b')];
    const checks: readonly Check[] = [{ digest: 'of b', verdict: 'malformed', reason: 'nan', detail: 'NaN' }];
    const { peers } = decideMerge({ peers: three, announcements, vouches: [], checks });
    expect(peers.map(({ outcome, reason, detail }) => [outcome, reason, detail])).toEqual([
      ['late', null, null],
      ['malformed', 'nan', 'NaN'],
      ['absent', null, null],
    ]);
  });

  test('is unknown where the others’ lists have somebody whose announcement never came here', () => {
    const vouches = [list('a', ['a'], ['c', 'unheard']), list('b', ['a'], ['c', 'unheard']), list('c', ['a'])];
    const { unheard, members } = decideMerge({ peers: three, announcements: [announced('a')], vouches, checks: [] });
    expect([unheard, members.map((member) => member.hotkey)]).toEqual([['c'], ['a']]);
  });

  test('follows from the lists alone: in any order, and whatever a single validator found out for itself', () => {
    const verdict = fc.constantFrom<Verdict>('sound', 'malformed', 'unavailable', 'other_base');
    const lists = fc.tuple(
      ...all.map((name) =>
        fc
          .subarray([...all])
          .chain((named) => fc.tuple(...named.map((of) => verdict.map((each) => [of, `of ${of}`, each] as const))))
          .map((seen) => list(name, ...seen)),
      ),
    );
    const checks = fc
      .subarray([...all])
      .map((named) =>
        named.map((of): Check => ({ digest: `of ${of}`, verdict: 'malformed', reason: 'nan', detail: null })),
      );
    const shuffle = <T>(items: readonly T[]) => fc.shuffledSubarray([...items], { minLength: items.length });
    fc.assert(
      fc.property(
        lists.chain((vouches) => fc.tuple(fc.constant(vouches), shuffle(vouches))),
        checks,
        shuffle(three),
        ([vouches, others], found, peers) => {
          const announcements = all.map((name) => announced(name));
          const one = decideMerge({ peers: three, announcements, vouches, checks: [] });
          const two = decideMerge({ peers, announcements: announcements.toReversed(), vouches: others, checks: found });
          expect(two.members).toEqual(one.members);
          expect(two.peers.map(({ soundFor }) => soundFor)).toEqual(one.peers.map(({ soundFor }) => soundFor));
        },
      ),
    );
  });
});

describe('the least number of contributors', () => {
  test('is one without peers, two with them, and what is configured in any case', () => {
    expect([minimumContributors(null, 1), minimumContributors(null, 2), minimumContributors(null, 64)]).toEqual([
      1, 2, 2,
    ]);
    expect([minimumContributors(3, 1), minimumContributors(1, 64)]).toEqual([3, 1]);
  });
});
