import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cycleLeaves, cycleRoot } from '../../domain/cycle-leaves.ts';
import { merkleProof, merkleRoot, verifyProof } from '../../domain/merkle.ts';
import { bigCycle } from './cycle-fixture.ts';

/** The inputs of RFC 6962's reference tests, whose bytes are all ASCII. */
const inputs = ['', '\x00', '\x10', ' !', '01', '@ABC', 'PQRSTUVW', '`abcdefghijklmno'];

describe('a Merkle tree', () => {
  test.each([
    [0, 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    [1, '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d'],
    [2, 'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125'],
    [3, 'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77'],
    [4, 'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7'],
    [5, '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4'],
    [6, '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef'],
    [7, 'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c'],
    [8, '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328'],
  ])('of %d leaves has the root of RFC 6962', (count, expected) => {
    expect(merkleRoot(inputs.slice(0, count))).toBe(expected);
  });

  const leaves = fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 40 });
  const placed = leaves.chain((all) => fc.tuple(fc.constant(all), fc.nat(all.length - 1)));

  test('proves each of its leaves, and no other leaf, place or root', () => {
    fc.assert(
      fc.property(placed, fc.string(), ([all, index], other) => {
        const root = merkleRoot(all);
        const proof = merkleProof(all, index);
        const leaf = all[index] ?? '';
        expect(verifyProof(root, leaf, proof)).toBe(true);
        if (other !== leaf) expect(verifyProof(root, other, proof)).toBe(false);
        expect(verifyProof(merkleRoot([...all, other]), leaf, proof)).toBe(false);
        expect(verifyProof(root, leaf, { ...proof, index: proof.count })).toBe(false);
        expect(verifyProof(root, leaf, { ...proof, path: [...proof.path, root] })).toBe(false);
        expect(verifyProof(root, leaf, { ...proof, path: proof.path.map(() => 'zz') })).toBe(proof.path.length === 0);
      }),
    );
  });

  test('does not pass off an inner node as a leaf', () => {
    const [left, right] = ['a', 'b'].map((leaf) => merkleRoot([leaf]));
    expect(merkleRoot([`${left}${right}`])).not.toBe(merkleRoot(['a', 'b']));
  });

  test('has no proof for a leaf that is not there', () => {
    expect(() => merkleProof(['a'], 1)).toThrow(RangeError);
    expect(() => merkleProof([], 0)).toThrow(RangeError);
  });
});

describe('a cycle’s root', () => {
  const record = bigCycle(5);

  /** Every way to change one value of the record: a text gets a letter, a number 1 more, null and lists another. */
  function* changed(value: unknown): Generator<unknown> {
    if (Array.isArray(value)) {
      yield [...value, null];
      for (const [index, item] of value.entries()) {
        for (const next of changed(item)) yield value.with(index, next);
      }
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, item] of Object.entries(value))
        for (const next of changed(item)) yield { ...value, [key]: next };
    } else {
      yield typeof value === 'number' ? value + 1 : `${String(value)}!`;
    }
  }

  test('changes with every single value of the record', () => {
    const root = cycleRoot(record);
    let changes = 0;
    for (const other of changed(record)) {
      expect(cycleRoot(other as typeof record)).not.toBe(root);
      changes += 1;
    }
    expect(changes).toBeGreaterThan(150);
  });

  test('does not depend on the order in which its fields were built', () => {
    const reversed = Object.fromEntries(Object.entries(record).toReversed()) as unknown as typeof record;
    expect(cycleRoot(reversed)).toBe(cycleRoot(record));
  });

  test('proves one miner’s rows without the others’', () => {
    const leaves = cycleLeaves(record);
    const index = leaves.findIndex((leaf) => leaf.includes('"kind":"score"') && leaf.includes('5Miner003'));
    expect(verifyProof(cycleRoot(record), leaves[index] ?? '', merkleProof(leaves, index))).toBe(true);
  });
});
