import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Neuron, SubnetSnapshot } from '../../domain/chain.ts';
import { type CommitPayload, readCommitPayload } from '../../domain/commit-payload.ts';
import { joinCommitments, type ReadCommitment } from '../../domain/roster.ts';
import { blocks, type Hotkey, hotkey, netuid, uid } from '../../domain/units.ts';

const validator = hotkey('5Validator');
const peer = hotkey('5Peer');
const ann = hotkey('5Ann');
const bert = hotkey('5Bert');
const stranger = hotkey('5Stranger');

const neuron = (name: Hotkey, number: number, validatorPermit = false): Neuron => ({
  uid: uid(number),
  hotkey: name,
  coldkey: name,
  axon: null,
  validatorPermit,
  active: true,
  lastUpdate: blocks(0),
  registeredAt: blocks(0),
  totalStakeRao: '0',
});

const snapshot: SubnetSnapshot = {
  block: { number: blocks(90), hash: '0x00' },
  netuid: netuid(1),
  ownerHotkey: validator,
  tempo: blocks(360),
  weightsRateLimit: blocks(100),
  minAllowedWeights: 1,
  weightsVersion: '0',
  commitRevealEnabled: false,
  maxUids: 256,
  neurons: [neuron(validator, 0, true), neuron(ann, 1), neuron(bert, 2), neuron(peer, 3, true)],
};

const firstPhaseStart = blocks(80);
const secondPhaseStart = blocks(85);
const hash = 'ab'.repeat(24);
const pushed = { kind: 'pushed' };

const at = (name: Hotkey, block: number, payload: CommitPayload): ReadCommitment => ({
  commitment: { hotkey: name, block: blocks(block), text: '', bytesHex: '0x' },
  payload,
});
const signed = (name: Hotkey, block = 80): ReadCommitment =>
  at(name, block, { kind: 'signature', signature: `by ${name}` });
const hashed = (name: Hotkey, block = 85, group = 2): ReadCommitment =>
  at(name, block, { kind: 'hash', modelHash: hash, version: 7, group, location: null });
const heartbeat = (name: Hotkey, block = 80, seed: number | null = 5): ReadCommitment =>
  at(name, block, { kind: 'heartbeat', modelHash: hash, version: 7, group: 0, seed });

/** A signature is right where its text names the hotkey. */
const join = (first: readonly ReadCommitment[], second: readonly ReadCommitment[]) =>
  joinCommitments({
    snapshot,
    validator,
    first,
    second,
    firstPhaseStart,
    secondPhaseStart,
    groups: 4,
    verify: (modelHash, signature, name) => modelHash === hash && signature === `by ${name}`,
  });

describe('the roster', () => {
  test('joins the two halves of a miner’s commitment by its hotkey', () => {
    expect(join([signed(ann), signed(bert, 84)], [hashed(bert, 89, 0), hashed(ann, 86)])).toEqual([
      { hotkey: ann, uid: 1, group: 2, modelHash: hash, version: 7, artifact: pushed, commitBlock: 86, fault: null },
      { hotkey: bert, uid: 2, group: 0, modelHash: hash, version: 7, artifact: pushed, commitBlock: 89, fault: null },
    ]);
  });

  test.each([
    ['no_hash', 'a signature without a hash', [signed(ann)], []],
    ['no_hash', 'a hash of an earlier cycle', [signed(ann)], [hashed(ann, 84)]],
    ['no_signature', 'a hash without a signature', [], [hashed(ann)]],
    ['no_signature', 'a signature of an earlier cycle', [signed(ann, 79)], [hashed(ann)]],
    ['no_signature', 'a first half that is no signature', [hashed(ann, 80)], [hashed(ann)]],
    ['no_signature', 'a first half that cannot be read', [at(ann, 80, readCommitPayload('{'))], [hashed(ann)]],
    [
      'bad_signature',
      'somebody else’s signature',
      [{ ...signed(bert), commitment: signed(ann).commitment }],
      [hashed(ann)],
    ],
    ['unknown_group', 'a group that the model has not', [signed(ann)], [hashed(ann, 85, 4)]],
    [
      'malformed_commit',
      'a second half that cannot be read',
      [signed(ann)],
      [at(ann, 85, readCommitPayload('nonsense'))],
    ],
    ['no_hash', 'a late signature that no hash took the place of', [signed(ann, 85)], [signed(ann, 85)]],
    ['malformed_commit', 'a second half that is a heartbeat', [signed(ann)], [heartbeat(ann, 85)]],
  ] as const)('has it as the hotkey’s own fault %s: %s', (reason, _name, first, second) => {
    const entries = join(first, second);
    expect(entries).toMatchObject([{ hotkey: ann, uid: 1, modelHash: null, fault: { reason } }]);
    expect(entries[0]?.fault?.detail).not.toBe('');
  });

  test('blames nobody else for one miner’s fault', () => {
    const [broken, whole] = join([signed(ann), signed(bert)], [at(ann, 85, readCommitPayload('{}')), hashed(bert)]);
    expect(broken?.fault?.reason).toBe('malformed_commit');
    expect(whole).toMatchObject({ hotkey: bert, modelHash: hash, fault: null });
  });

  test('leaves out who is no neuron any more, the validator itself, and whoever says nothing in this cycle', () => {
    const first = [signed(stranger), signed(validator), signed(ann, 79)];
    expect(join(first, [hashed(stranger), hashed(validator), hashed(ann, 84)])).toEqual([]);
  });

  test('leaves out a validator, which its heartbeat in the first phase shows to be one', () => {
    expect(join([heartbeat(peer), signed(ann)], [hashed(peer), hashed(ann)]).map((entry) => entry.hotkey)).toEqual([
      ann,
    ]);
  });

  test('follows the neurons, whatever order the commitments come in', () => {
    const first = [signed(ann), signed(bert), heartbeat(peer)];
    const second = [hashed(ann), hashed(bert, 86)];
    const shuffled = <T>(list: readonly T[]) => fc.shuffledSubarray([...list], { minLength: list.length });
    fc.assert(
      fc.property(shuffled(first), shuffled(second), (one, two) => {
        expect(join(one, two)).toEqual(join(first, second));
      }),
    );
  });
});
