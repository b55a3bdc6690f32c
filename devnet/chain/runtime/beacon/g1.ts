import { bls12_381 } from '@noble/curves/bls12-381.js';

/** A point of BLS12-381's G1. */
export type Point = ReturnType<typeof bls12_381.G1.Point.fromAffine>;

/** The point that a message stands for, in the domain of a scheme of signatures (RFC 9380). */
export const hashToPoint = (message: Uint8Array, domain: string): Point =>
  bls12_381.G1.Point.fromAffine(bls12_381.G1.hashToCurve(message, { DST: domain }).toAffine());

/** The square of the curve's parameter: among the scalars, minus it is a cube root of one. */
const PARAMETER_SQUARED = 0xd201000000010000n ** 2n;
/** A cube root of one in the field. (x, y) to (βx, -y) multiplies a point by the square of the parameter. */
const BETA = 0x5f19672fdf76ce51ba69c6076a0f77eaddb3a93be6f89688de17d813620a00022e01fffffffefffen;
/** Bits of a scalar that are taken at a time. */
const WINDOW = 4n;

/**
 * A point times a scalar below the group's order, with half as many doublings as the scalar has bits: the curve's
 * endomorphism takes its upper half (Gallant, Lambert, Vanstone). Takes longer for some scalars than for others, which
 * is why nothing that has a secret to keep may use it.
 */
export function multiply(point: Point, scalar: bigint): Point {
  const { G1, fields } = bls12_381;
  const { x, y } = point.toAffine();
  const lower = multiples(point);
  const upper = multiples(G1.Point.fromAffine({ x: fields.Fp.mul(x, BETA), y: fields.Fp.neg(y) }));
  const [low, high] = [scalar % PARAMETER_SQUARED, scalar / PARAMETER_SQUARED];
  let sum = G1.Point.ZERO;
  for (let bit = 128n - WINDOW; bit >= 0n; bit -= WINDOW) {
    if (!sum.is0()) for (let i = 0n; i < WINDOW; i++) sum = sum.double();
    sum = plus(plus(sum, lower, low >> bit), upper, high >> bit);
  }
  return sum;
}

/** A point times 0, 1, 2 … of one window. */
function multiples(point: Point): readonly Point[] {
  const all = [bls12_381.G1.Point.ZERO];
  for (let next = point; all.length < 2 ** Number(WINDOW); next = next.add(point)) all.push(next);
  return all;
}

function plus(sum: Point, table: readonly Point[], digits: bigint): Point {
  const digit = Number(BigInt.asUintN(Number(WINDOW), digits));
  const summand = table[digit];
  return digit === 0 || summand === undefined ? sum : sum.add(summand);
}

/** The 48 bytes of a point of the group, as everybody writes them; noble's own way proves the group first. */
export function compressed(point: Point): Uint8Array {
  const { fields } = bls12_381;
  const { x, y } = point.toAffine();
  const bytes = fields.Fp.toBytes(x);
  const larger = y > fields.Fp.neg(y) ? 0x20 : 0;
  bytes[0] = (bytes[0] ?? 0) | 0x80 | larger;
  return bytes;
}
