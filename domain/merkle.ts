import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { isDigest } from './read-value.ts';

/**
 * Merkle trees as in RFC 6962: leaves and inner nodes are hashed under different prefixes, and an odd rest is a
 * subtree of its own. So no inner node can be passed off as a leaf, and no two lists of leaves share a root.
 */
const leafPrefix = Uint8Array.of(0);
const nodePrefix = Uint8Array.of(1);

const hashLeaf = (leaf: string): Uint8Array => sha256(concatBytes(leafPrefix, utf8ToBytes(leaf)));
const hashNode = (left: Uint8Array, right: Uint8Array): Uint8Array => sha256(concatBytes(nodePrefix, left, right));

/** The largest power of two below `count`: where RFC 6962 splits. */
const splitOf = (count: number): number => 2 ** Math.floor(Math.log2(count - 1));

function rootOf(hashes: readonly Uint8Array[], start: number, count: number): Uint8Array {
  const only = hashes[start];
  if (only === undefined) return sha256(new Uint8Array());
  if (count === 1) return only;
  const left = splitOf(count);
  return hashNode(rootOf(hashes, start, left), rootOf(hashes, start + left, count - left));
}

/** The root (64 hex digits) over leaves in their order; each leaf is a canonical JSON text. */
export function merkleRoot(leaves: readonly string[]): string {
  return bytesToHex(rootOf(leaves.map(hashLeaf), 0, leaves.length));
}

/** What shows that one leaf lies at one place under a root, without the other leaves. */
export interface MerkleProof {
  readonly index: number;
  readonly count: number;
  /** The hashes (hex) of the subtrees beside the path, from the leaf upwards. */
  readonly path: readonly string[];
}

/** The proof for the leaf at `index`; a RangeError where there is none. */
export function merkleProof(leaves: readonly string[], index: number): MerkleProof {
  if (!Number.isInteger(index) || index < 0 || index >= leaves.length) throw new RangeError(`no leaf ${index}`);
  const hashes = leaves.map(hashLeaf);
  const path: string[] = [];
  let start = 0;
  let count = leaves.length;
  while (count > 1) {
    const left = splitOf(count);
    if (index < start + left) {
      path.push(bytesToHex(rootOf(hashes, start + left, count - left)));
      count = left;
    } else {
      path.push(bytesToHex(rootOf(hashes, start, left)));
      start += left;
      count -= left;
    }
  }
  return { index, count: leaves.length, path: path.toReversed() };
}

/** Whether the proof ties the leaf to the root. A malformed proof is false, never an error: it comes from outside. */
export function verifyProof(root: string, leaf: string, { index, count, path }: MerkleProof): boolean {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(count) || index < 0 || index >= count) return false;
  if (!path.every(isDigest)) return false;
  const sides: ('left' | 'right')[] = [];
  let [start, size] = [0, count];
  while (size > 1) {
    const left = splitOf(size);
    const inLeft = index < start + left;
    sides.unshift(inLeft ? 'right' : 'left');
    [start, size] = inLeft ? [start, left] : [start + left, size - left];
  }
  if (sides.length !== path.length) return false;
  const computed = path.reduce((hash, sibling, step) => {
    const other = hexToBytes(sibling);
    return sides[step] === 'left' ? hashNode(other, hash) : hashNode(hash, other);
  }, hashLeaf(leaf));
  return bytesToHex(computed) === root;
}
