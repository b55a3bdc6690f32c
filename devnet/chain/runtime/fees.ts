/** Fees in rao: declared weight at half a rao per thousand picoseconds, and one rao per byte. */
const REF_TIME_PER_RAO = 2_000n;
const BASE_REF_TIME = 108_157_000n;

export interface Fee {
  readonly base: bigint;
  readonly length: bigint;
  readonly weight: bigint;
}

export const feeOf = (refTime: bigint, sizeBytes: number): Fee => ({
  base: BASE_REF_TIME / REF_TIME_PER_RAO,
  length: BigInt(sizeBytes),
  weight: refTime / REF_TIME_PER_RAO,
});

export const totalFee = ({ base, length, weight }: Fee): bigint => base + length + weight;
