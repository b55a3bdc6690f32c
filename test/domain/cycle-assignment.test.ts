import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { assignMiners } from '../../domain/assignment.ts';
import type { Neuron } from '../../domain/chain.ts';
import { type CommitPayload, readCommitPayload } from '../../domain/commit-payload.ts';
import {
  assignCycle,
  type CycleCommitments,
  committedMiners,
  cycleSeed,
  cycleValidators,
  validatorOf,
} from '../../domain/cycle-assignment.ts';
import type { ReadCommitment } from '../../domain/roster.ts';
import { blockHashSeed, combineSeeds } from '../../domain/seeds.ts';
import { blocks, type Hotkey, hotkey, netuid, uid } from '../../domain/units.ts';

const [vera, wim] = [hotkey('5Vera'), hotkey('5Wim')];
const [ann, bert, cleo] = [hotkey('5Ann'), hotkey('5Bert'), hotkey('5Cleo')];
const stranger = hotkey('5Stranger');
const modelHash = 'ab'.repeat(24);
const lastCommitHash = `0x${'5a'.repeat(32)}`;

const neuron = (name: Hotkey, number: number, validatorPermit = false, ip = '10.0.0.1'): Neuron => ({
  uid: uid(number),
  hotkey: name,
  coldkey: name,
  axon: { ip, port: 8080, protocol: 4, version: 1, block: blocks(1) },
  validatorPermit,
  active: true,
  lastUpdate: blocks(0),
  registeredAt: blocks(0),
  totalStakeRao: '0',
});

const at = (name: Hotkey, block: number, payload: CommitPayload): ReadCommitment => ({
  commitment: { hotkey: name, block: blocks(block), text: '', bytesHex: '0x' },
  payload,
});
const heartbeat = (name: Hotkey, seed: number | null, block = 80): ReadCommitment =>
  at(name, block, { kind: 'heartbeat', modelHash, version: 7, group: 0, seed });
const signed = (name: Hotkey, block = 80): ReadCommitment => at(name, block, { kind: 'signature', signature: 'x' });
const hashed = (name: Hotkey, block = 85): ReadCommitment =>
  at(name, block, { kind: 'hash', modelHash, version: 7, group: 0, location: null });

const neurons = [neuron(vera, 0, true), neuron(ann, 1), neuron(bert, 2), neuron(wim, 3, true), neuron(cleo, 4)];
const miners = [ann, bert, cleo];

const cycle = (changes: Partial<CycleCommitments> = {}): CycleCommitments => ({
  snapshot: {
    block: { number: blocks(90), hash: '0x00' },
    netuid: netuid(1),
    ownerHotkey: vera,
    tempo: blocks(360),
    weightsRateLimit: blocks(100),
    minAllowedWeights: 1,
    weightsVersion: '0',
    commitRevealEnabled: false,
    maxUids: 256,
    neurons,
  },
  first: [heartbeat(wim, 29), heartbeat(vera, 11), ...miners.map((name) => signed(name))],
  second: [hashed(wim), hashed(vera), ...miners.map((name) => hashed(name))],
  firstPhaseStart: blocks(80),
  secondPhaseStart: blocks(85),
  lastCommitHash,
  ...changes,
});

describe('the validators of a cycle', () => {
  test('are those with a permit whose heartbeat was in time, in the chain’s order, with their seeds', () => {
    const first = [heartbeat(wim, 29), heartbeat(vera, null), heartbeat(ann, 5), heartbeat(stranger, 6)];
    expect(cycleValidators(cycle({ first }))).toEqual([
      { hotkey: wim, seed: 29 },
      { hotkey: vera, seed: 0 },
    ]);
  });

  test('are without whoever was late, for whom others cannot know either', () => {
    expect(cycleValidators(cycle({ first: [heartbeat(wim, 29), heartbeat(vera, 11, 79)] }))).toEqual([
      { hotkey: wim, seed: 29 },
    ]);
  });

  test('are those who serve an address and are no miners where no heartbeat was in time', () => {
    const served = [neuron(vera, 0, true), neuron(wim, 3, true, '0.0.0.0'), neuron(ann, 1, true), neuron(bert, 2)];
    const snapshot = { ...cycle().snapshot, neurons: served };
    expect(cycleValidators(cycle({ first: [signed(ann)], second: [], snapshot }))).toEqual([{ hotkey: vera, seed: 0 }]);
  });
});

describe('the seed of a cycle', () => {
  test('is what the validators’ seeds come to together', () => {
    const validators = [
      { hotkey: wim, seed: 29 },
      { hotkey: vera, seed: 11 },
    ];
    expect(cycleSeed('validator_commits', cycle())).toEqual({
      source: 'validator_commits',
      combined: combineSeeds(validators),
      validators,
    });
  });

  test.each([
    ['all seeds are 0', [heartbeat(wim, 0), heartbeat(vera, 0)]],
    ['nobody named a seed', [heartbeat(wim, null), heartbeat(vera, null)]],
    ['there is no validator', []],
  ])('is never the constant that anybody can compute: where %s it is a block’s hash', (_name, first) => {
    const seed = cycleSeed('validator_commits', cycle({ first }));
    expect(seed).toMatchObject({ source: 'block_hash', combined: blockHashSeed(lastCommitHash) });
    const another = cycleSeed('validator_commits', cycle({ first, lastCommitHash: '0x01' }));
    expect(another.combined).not.toBe(seed.combined);
  });

  test('is a block’s hash where that is asked for, and the validators are who they are', () => {
    const { source, combined, validators } = cycleSeed('block_hash', cycle());
    expect([source, combined]).toEqual(['block_hash', blockHashSeed(lastCommitHash)]);
    expect(validators.map((each) => each.hotkey)).toEqual([wim, vera]);
  });
});

describe('the assignment of a cycle', () => {
  test('is the originals’ over who committed, faults and all', () => {
    const broken = at(cleo, 85, readCommitPayload('nonsense'));
    const second = [hashed(ann), hashed(bert), broken, hashed(stranger)];
    const commitments = cycle({ second });
    expect(committedMiners(commitments)).toEqual(miners);
    const { seed, assignment } = assignCycle('validator_commits', commitments);
    expect(assignment).toEqual(assignMiners({ validators: seed.validators, miners, maxPerValidator: null }));
    expect(assignment.flatMap((each) => each.miners).toSorted()).toEqual(miners);
  });

  test('follows the block’s hash where the seed does', () => {
    const many = Array.from({ length: 12 }, (_, number) => hotkey(`5Many${number}`));
    const all = cycle({
      snapshot: { ...cycle().snapshot, neurons: [...neurons, ...many.map((name, index) => neuron(name, 10 + index))] },
      first: [heartbeat(vera, 1), heartbeat(wim, 2), ...many.map((name) => signed(name))],
      second: many.map((name) => hashed(name)),
    });
    const one = assignCycle('block_hash', all).assignment;
    const two = assignCycle('block_hash', { ...all, lastCommitHash: '0x02' }).assignment;
    expect(one).not.toEqual(two);
  });

  test('does not depend on the order of the miners’ commitments', () => {
    const given = cycle();
    const expected = assignCycle('validator_commits', given);
    const shuffled = fc.shuffledSubarray([...given.second], { minLength: given.second.length });
    fc.assert(
      fc.property(shuffled, (second) => {
        expect(assignCycle('validator_commits', { ...given, second })).toEqual(expected);
      }),
    );
  });

  test('says which validator a miner belongs to, and null for whom nobody has', () => {
    const { assignment } = assignCycle('validator_commits', cycle());
    const owners = miners.map((miner) => validatorOf(assignment, miner));
    expect(new Set(owners)).toEqual(new Set([vera, wim]));
    expect(validatorOf(assignment, stranger)).toBeNull();
  });
});
