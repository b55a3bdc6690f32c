import { describe, expect, test } from '@jest/globals';
import type { Neuron, SubnetSnapshot } from '../../../domain/chain.ts';
import { directoryOf, holdMajority } from '../../../domain/peers/directory.ts';
import { blocks, hotkey, netuid, uid } from '../../../domain/units.ts';

const neuron = (name: string, changes: Partial<Neuron> = {}): Neuron => ({
  uid: uid(name.length),
  hotkey: hotkey(name),
  coldkey: hotkey(name),
  axon: { ip: '192.0.2.1', port: 8080, protocol: 4, version: 1, block: blocks(1) },
  validatorPermit: true,
  active: true,
  lastUpdate: blocks(0),
  registeredAt: blocks(0),
  totalStakeRao: '10',
  ...changes,
});
const snapshot = (...neurons: readonly Neuron[]): SubnetSnapshot => ({
  block: { number: blocks(40), hash: '0xaa' },
  netuid: netuid(1),
  ownerHotkey: hotkey('owner'),
  tempo: blocks(100),
  weightsRateLimit: blocks(100),
  minAllowedWeights: 1,
  weightsVersion: '0',
  commitRevealEnabled: false,
  maxUids: 256,
  neurons,
});
const axon = (ip: string, port = 8080) => ({ ip, port, protocol: 4, version: 1, block: blocks(1) });

describe('the directory of peers', () => {
  test('has who holds a permit and serves an address, in order of hotkeys', () => {
    const found = directoryOf(
      snapshot(
        neuron('d'),
        neuron('a', { axon: axon('2001:db8::1', 443) }),
        neuron('miner', { validatorPermit: false }),
        neuron('silent', { axon: null }),
        neuron('zero', { axon: axon('0.0.0.0') }),
        neuron('noport', { axon: axon('192.0.2.1', 0) }),
      ),
      hotkey('d'),
    );
    expect(found.peers.map(({ hotkey: key, url }) => [key, url])).toEqual([
      ['a', 'http://[2001:db8::1]:443'],
      ['d', 'http://192.0.2.1:8080'],
    ]);
  });

  test('has oneself in any case, who may serve nothing and have no permit yet', () => {
    const own = neuron('own', { axon: null, validatorPermit: false });
    expect(directoryOf(snapshot(own), own.hotkey).peers).toMatchObject([{ hotkey: 'own', url: null }]);
  });
});

describe('a majority', () => {
  const peers = [
    { hotkey: hotkey('a'), stakeRao: '3' },
    { hotkey: hotkey('b'), stakeRao: '2' },
    { hotkey: hotkey('c'), stakeRao: '1' },
  ];
  const hold = (...names: readonly string[]) => holdMajority(peers, names.map(hotkey));

  test('is more than half of the stake, and not half', () => {
    expect([hold('a'), hold('b', 'c'), hold('a', 'c'), hold('a', 'b'), hold()]).toEqual([
      false,
      false,
      true,
      true,
      false,
    ]);
  });

  test('counts nobody twice and no strangers', () => {
    expect([hold('a', 'a'), hold('a', 'x')]).toEqual([false, false]);
  });

  test('goes by heads where nobody has any stake', () => {
    const poor = peers.map((peer) => ({ ...peer, stakeRao: '0' }));
    expect(holdMajority(poor, [hotkey('a')])).toBe(false);
    expect(holdMajority(poor, [hotkey('a'), hotkey('c')])).toBe(true);
  });

  test('is exact for amounts beyond the exact integers', () => {
    const rich = [
      { hotkey: hotkey('a'), stakeRao: '9007199254740993' },
      { hotkey: hotkey('b'), stakeRao: '9007199254740992' },
    ];
    expect([holdMajority(rich, [hotkey('a')]), holdMajority(rich, [hotkey('b')])]).toEqual([true, false]);
  });
});
