import { compareText } from './order.ts';

/** A model as a validator's commitment names it. */
export interface CommittedModel {
  /** 48 lower-case hex digits. */
  readonly modelHash: string;
  readonly version: number;
  /** The expert group that the validator names in its commitments. */
  readonly group: number;
}

export interface ModelVote {
  /** Stake in rao, as decimal text. */
  readonly stakeRao: string;
  /** Null for a validator that has committed no model yet. */
  readonly committed: CommittedModel | null;
}

/** Whether two commitments name one model. */
export const sameModel = (a: Pick<CommittedModel, 'modelHash'>, b: Pick<CommittedModel, 'modelHash'>): boolean =>
  a.modelHash === b.modelHash;

/**
 * The model that the most stake stands behind, of the validators of a group: those of other groups may hold other
 * models, and their stake says nothing of this one's. Where no validator names the group, all of them count, since then
 * none tells them apart. Of equal stakes the newer version, then the smaller hash. Null where nobody has committed
 * anything.
 */
export function majorityModel(votes: readonly ModelVote[], group: number): CommittedModel | null {
  const committed = votes.filter((vote) => vote.committed !== null);
  const own = committed.filter((vote) => vote.committed?.group === group);
  const tally = new Map<string, { model: CommittedModel; stake: bigint }>();
  for (const { committed: model, stakeRao } of own.length > 0 ? own : committed) {
    if (model === null) continue;
    const known = tally.get(model.modelHash) ?? { model, stake: 0n };
    tally.set(model.modelHash, { model: known.model, stake: known.stake + BigInt(stakeRao) });
  }
  const [first] = [...tally.values()].toSorted(
    (a, b) =>
      (b.stake > a.stake ? 1 : b.stake < a.stake ? -1 : 0) ||
      b.model.version - a.model.version ||
      compareText(a.model.modelHash, b.model.modelHash),
  );
  return first?.model ?? null;
}
