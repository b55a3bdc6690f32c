import { describe, expect, test } from '@jest/globals';
import { bls12_381 } from '@noble/curves/bls12-381.js';
import fc from 'fast-check';
import { drand } from '../../../devnet/chain/declaration/pallets/drand.ts';
import { declareRuntime } from '../../../devnet/chain/declaration/runtime.ts';
import { installBeacon } from '../../../devnet/chain/runtime/beacon/config.ts';
import { compressed, hashToPoint, multiply } from '../../../devnet/chain/runtime/beacon/g1.ts';
import { beaconKey } from '../../../devnet/chain/runtime/beacon/key.ts';
import { pulsesDue } from '../../../devnet/chain/runtime/beacon/pulses.ts';
import { createRuntime } from '../../../devnet/chain/runtime/runtime.ts';
import { State } from '../../../devnet/chain/state/state.ts';
import { roundIdentity } from '../../../domain/timelock/beacon.ts';

const salt = new TextEncoder().encode('a salt');
const key = beaconKey(salt);
const runtime = createRuntime(declareRuntime());
const GENESIS_S = 1_000;
const PERIOD_S = 3;

/** A chain whose beacon began at second 1,000, and what a block at a time brings. */
function chain() {
  const state = new State({ read: () => null });
  installBeacon(state, { publicKey: key.publicKey, genesisS: GENESIS_S, periodS: PERIOD_S });
  return {
    state,
    /** The rounds that a block at this second brings. */
    at: (second: number): readonly bigint[] => {
      const extrinsic = pulsesDue(state, 1, second * 1000, key);
      if (extrinsic === null) return [];
      const before = state.get(drand.lastStoredRound);
      runtime.apply(state, runtime.decode(extrinsic), 1);
      const newest = state.get(drand.lastStoredRound);
      const all = Array.from({ length: Number(newest - before) }, (_, index) => before + BigInt(index) + 1n);
      return all.filter((round) => state.get(drand.pulses, round) !== null);
    },
  };
}

describe('the key of a chain', () => {
  test('is that of its salt, and signs as drand does: the signature verifies under the public key', () => {
    expect(beaconKey(salt).publicKey).toEqual(key.publicKey);
    expect(beaconKey(new Uint8Array([1])).publicKey).not.toEqual(key.publicKey);
    const { G1, G2, pairing, fields } = bls12_381;
    const identity = G1.hashToCurve(roundIdentity(9n), { DST: 'BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_' });
    const left = pairing(G1.Point.fromBytes(key.sign(9n)), G2.Point.fromAffine(G2.Point.BASE.toAffine()));
    const right = pairing(G1.Point.fromAffine(identity.toAffine()), G2.Point.fromBytes(key.publicKey));
    expect(fields.Fp12.eql(left, right)).toBe(true);
  });
});

test('a point times a scalar is what the slow way makes of it, in the bytes that everybody writes', () => {
  const order = bls12_381.fields.Fr.ORDER;
  const scalars = fc.oneof(
    fc.bigInt({ min: 1n, max: order - 1n }),
    fc.constantFrom(1n, 2n, 0xd201000000010000n ** 2n, order - 1n),
  );
  fc.assert(
    fc.property(fc.uint8Array(), scalars, (message, scalar) => {
      const point = hashToPoint(message, 'a domain');
      expect(compressed(multiply(point, scalar))).toEqual(point.multiplyUnsafe(scalar).toBytes(true));
    }),
    { numRuns: 30 },
  );
});

describe('rounds', () => {
  test('come with the block whose time they have reached, each once', () => {
    const { at } = chain();
    expect(at(999)).toEqual([]);
    expect(at(1000)).toEqual([1n]);
    expect(at(1002)).toEqual([]);
    expect(at(1009)).toEqual([2n, 3n, 4n]);
  });

  test('that a chain slept through are left out, but for the newest', () => {
    const { at } = chain();
    at(1000);
    const rounds = at(1000 + 1000 * PERIOD_S);
    expect(rounds).toHaveLength(50);
    expect([rounds[0], rounds.at(-1)]).toEqual([952n, 1001n]);
  });

  test('of a chain that has another beacon than its own never come', () => {
    expect(pulsesDue(new State({ read: () => null }), 1, Date.now(), key)).toBeNull();
  });
});
