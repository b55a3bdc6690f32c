const U16_MAX = 65_535;

export interface ConsensusInput {
  /** By uid; zero for those that do not count. */
  readonly stake: readonly number[];
  /** By uid: the weights that it set, as (uid, weight). */
  readonly rows: readonly (readonly (readonly [uid: number, weight: number])[])[];
  /** The share of stake that must stand behind a weight. */
  readonly kappa: number;
}

export interface ConsensusResult {
  readonly consensus: readonly number[];
  readonly incentive: readonly number[];
  readonly validatorTrust: readonly number[];
}

/**
 * The part of Yuma consensus that weights alone decide: rows normalised, each column clipped at the highest weight that
 * the kappa share of stake supports, incentive in proportion to the stake-weighted sums of what is left.
 */
export function consensusOf({ stake, rows, kappa }: ConsensusInput): ConsensusResult {
  const count = stake.length;
  const stakeSum = sum(stake);
  const shares = stake.map((amount) => (stakeSum === 0 ? 0 : amount / stakeSum));
  const normal = rows.map((row) => {
    const total = sum(row.map(([, weight]) => weight));
    const dense = new Array<number>(count).fill(0);
    if (total > 0) for (const [dest, weight] of row) dense[dest] = weight / total;
    return dense;
  });
  const clip = Array.from({ length: count }, (_, column) =>
    supported(
      shares.map((share, row) => [normal[row]?.[column] ?? 0, share] as const),
      kappa,
    ),
  );
  const clipped = normal.map((row) => row.map((weight, column) => Math.min(weight, clip[column] ?? 0)));
  const ranks = clip.map((_, column) => sum(clipped.map((row, from) => (row[column] ?? 0) * (shares[from] ?? 0))));
  const rankSum = sum(ranks);
  const highest = Math.max(0, ...clip);
  return {
    consensus: clip.map((value) => (highest === 0 ? 0 : Math.round((value / highest) * U16_MAX))),
    incentive: ranks.map((rank) => (rankSum === 0 ? 0 : Math.round((rank / rankSum) * U16_MAX))),
    validatorTrust: clipped.map((row) => Math.round(sum(row) * U16_MAX)),
  };
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** The highest weight w such that those who gave at least w hold more than the share `kappa`. */
function supported(column: readonly (readonly [weight: number, share: number])[], kappa: number): number {
  let behind = 0;
  for (const [weight, share] of [...column].sort(([a], [b]) => b - a)) {
    behind += share;
    if (behind > kappa) return weight;
  }
  return 0;
}
