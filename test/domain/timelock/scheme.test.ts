import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, test } from '@jest/globals';
import { bls12_381 } from '@noble/curves/bls12-381.js';
import { roundAt, roundIdentity, roundTimeMs } from '../../../domain/timelock/beacon.ts';
import { QUICKNET } from '../../../domain/timelock/quicknet.ts';
import { createTimelock } from '../../../domain/timelock/scheme.ts';

interface Golden {
  readonly cases: readonly {
    readonly what: string;
    readonly round: number;
    readonly signature: string;
    readonly sealed: string;
    readonly plaintext: string;
  }[];
}
const golden = JSON.parse(
  readFileSync(new URL('../../fixtures/bittensor-drand.json', import.meta.url), 'utf8'),
) as Golden;
const { resolve } = createRequire(import.meta.url);
const wasm = readFileSync(resolve('@ideallabs/timelock_wasm_wrapper/timelock_wasm_wrapper_bg.wasm'));
const timelock = createTimelock(Uint8Array.from(wasm));
const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'));

/** What a beacon with this secret signs. */
function beacon(secret: bigint) {
  const { G1, G2 } = bls12_381;
  return {
    publicKey: G2.Point.BASE.multiply(secret).toBytes(),
    sign: (round: bigint) => {
      const { x, y } = G1.hashToCurve(roundIdentity(round), {
        DST: 'BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_',
      }).toAffine();
      return G1.Point.fromAffine({ x, y }).multiply(secret).toBytes();
    },
  };
}

describe('a message sealed to a round', () => {
  test.each(golden.cases)('by the Python SDK opens with the published signature: $what of round $round', (each) => {
    expect(timelock.open(bytes(each.sealed), bytes(each.signature))).toEqual(bytes(each.plaintext));
  });

  test('opens with the signature of that round and of no other', () => {
    const { publicKey, sign } = beacon(0x1234_5678_9abcn);
    const message = new TextEncoder().encode('sixty-one times');
    const sealed = timelock.seal(message, 61n, publicKey, new Uint8Array(32).fill(7));
    expect(timelock.open(sealed, sign(61n))).toEqual(message);
    expect(timelock.open(sealed, sign(62n))).toBeNull();
    expect(timelock.open(sealed, beacon(0x1234n).sign(61n))).toBeNull();
  });

  test('opens when it was sealed here to quicknet, with what quicknet published', () => {
    const [published] = golden.cases;
    if (published === undefined) throw new Error('no golden case');
    const message = new Uint8Array(1500).map((_, at) => at);
    const sealed = timelock.seal(message, BigInt(published.round), QUICKNET.publicKey, new Uint8Array(32).fill(1));
    expect(timelock.open(sealed, bytes(published.signature))).toEqual(message);
  });

  test('that was changed, or never was one, does not open and throws nothing', () => {
    const [first] = golden.cases;
    if (first === undefined) throw new Error('no golden case');
    const signature = bytes(first.signature);
    for (const at of [0, 120, 170, 230]) {
      const changed = bytes(first.sealed);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(timelock.open(changed, signature)).toBeNull();
    }
    expect(timelock.open(new Uint8Array(), signature)).toBeNull();
    expect(timelock.open(bytes(first.sealed), new Uint8Array(48))).toBeNull();
  });
});

describe('a round', () => {
  test('is out from its time on, and not before', () => {
    expect(roundTimeMs(QUICKNET, 1000)).toBe((1_692_803_367 + 999 * 3) * 1000);
    expect(roundAt(QUICKNET, roundTimeMs(QUICKNET, 1000))).toBe(1000);
    expect(roundAt(QUICKNET, roundTimeMs(QUICKNET, 1000) - 1)).toBe(999);
    expect(roundAt(QUICKNET, roundTimeMs(QUICKNET, 1) - 1)).toBe(0);
  });
});
