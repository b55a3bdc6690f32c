import { blake2AsHex } from '@polkadot/util-crypto';
import type { Hex } from '../../../../domain/units.ts';
import { subtensorErrors as errors } from '../../declaration/pallets/subtensor-errors.ts';
import { subtensorEvents as events } from '../../declaration/pallets/subtensor-events.ts';
import { hyperparameters } from '../../declaration/pallets/subtensor-hyperparameters.ts';
import { neurons } from '../../declaration/pallets/subtensor-neurons.ts';
import { encode } from '../../scale/codec.ts';
import { tuple, vec } from '../../scale/composite.ts';
import { AccountId32 } from '../../scale/known.ts';
import { u16, u64 } from '../../scale/primitive.ts';
import type { State, StateReader } from '../../state/state.ts';
import { refusal } from '../failure.ts';
import { currentEpoch } from '../schedule.ts';
import { markUpdate, passesRateLimit } from '../weights/gates.ts';
import { ensureMechanism, type Mechanism, storageIndex } from '../weights/mechanism.ts';
import { setWeights } from '../weights/set-weights.ts';
import { revealWindow } from './window.ts';

const MAX_UNREVEALED = 10;

/** A stored commit: hash, epoch and block of the commit, and a zero where older runtimes had the last block. */
type Commit = readonly [hash: Hex, epoch: bigint, block: bigint, unused: bigint];

export interface Reveal {
  readonly uids: readonly number[];
  readonly values: readonly number[];
  readonly salt: readonly number[];
  readonly version_key: bigint;
}

const preimage = tuple(AccountId32, u16, vec(u16), vec(u16), vec(u16), u64);

/** What a commit must hold for a reveal to match it: blake2b-256 of the SCALE tuple, values as they are revealed. */
export const commitHash = (who: Hex, index: number, { uids, values, salt, version_key: key }: Reveal): Hex =>
  blake2AsHex(encode(preimage, [who, index, uids, values, salt, key]), 256);

/** The checks that every kind of commit begins with; gives the committer's uid. */
export function ensureMayCommit(state: StateReader, who: Hex, mechanism: Mechanism, block: number): number {
  ensureMechanism(state, mechanism);
  if (!state.get(hyperparameters.commitRevealWeightsEnabled, mechanism.netuid))
    throw refusal(errors.CommitRevealDisabled);
  const uid = state.get(neurons.uids, mechanism.netuid, who);
  if (uid === null) throw refusal(errors.HotKeyNotRegisteredInSubNet);
  if (!passesRateLimit(state, mechanism, uid, block)) throw refusal(errors.CommittingWeightsTooFast);
  return uid;
}

export function commitWeights(state: State, who: Hex, block: number, mechanism: Mechanism, hash: Hex): void {
  const uid = ensureMayCommit(state, who, mechanism, block);
  const index = storageIndex(mechanism);
  const live = unexpired(state, mechanism.netuid, block, state.get(neurons.weightCommits, index, who) ?? []);
  if (live.length >= MAX_UNREVEALED) throw refusal(errors.TooManyUnrevealedCommits);
  const epoch = currentEpoch(state, mechanism.netuid, BigInt(block));
  state.set(neurons.weightCommits, [index, who], [...live, [hash, epoch, BigInt(block), 0n]]);
  state.emit(events.weightsCommitted, { 0: who, 1: index, 2: hash });
  markUpdate(state, mechanism, uid, block);
}

/** What the pool asks of a reveal: such a commit, and its epoch. */
export function checkReveal(state: StateReader, who: Hex, block: number, mechanism: Mechanism, reveal: Reveal): void {
  const index = storageIndex(mechanism);
  const hash = commitHash(who, index, reveal);
  const found = state.get(neurons.weightCommits, index, who)?.find(([each]) => each === hash);
  if (found === undefined) throw refusal(errors.NoWeightsCommitFound);
  // Expired reads the same as early here.
  if (revealWindow(state, mechanism.netuid, block, found[1]) !== 'open') throw refusal(errors.RevealTooEarly);
}

/** Sets the revealed vectors, all of them or none; gives their hashes. */
export function revealWeights(
  state: State,
  who: Hex,
  block: number,
  mechanism: Mechanism,
  reveals: readonly Reveal[],
  keep: 'later' | 'others',
): readonly Hex[] {
  ensureMechanism(state, mechanism);
  if (!state.get(hyperparameters.commitRevealWeightsEnabled, mechanism.netuid))
    throw refusal(errors.CommitRevealDisabled);
  const index = storageIndex(mechanism);
  const stored = state.get(neurons.weightCommits, index, who);
  if (stored === null) throw refusal(errors.NoWeightsCommitFound);
  const live = unexpired(state, mechanism.netuid, block, stored);
  const hashes = reveals.map((reveal) => commitHash(who, index, reveal));
  for (const hash of hashes) {
    const commit = live.find(([each]) => each === hash);
    if (commit !== undefined) {
      if (revealWindow(state, mechanism.netuid, block, commit[1]) !== 'open') throw refusal(errors.RevealTooEarly);
    } else if (stored.some(([each]) => each === hash)) throw refusal(errors.ExpiredWeightCommit);
    else throw refusal(live.length === 0 ? errors.NoWeightsCommitFound : errors.InvalidRevealCommitHashNotMatch);
  }
  const left =
    keep === 'later'
      ? live.slice(live.findIndex(([hash]) => hash === hashes[0]) + 1)
      : live.filter(([hash]) => !hashes.includes(hash));
  if (left.length === 0) state.remove(neurons.weightCommits, index, who);
  else state.set(neurons.weightCommits, [index, who], left);
  for (const { uids, values, version_key } of reveals)
    setWeights(state, who, block, { ...mechanism, dests: uids, weights: values, version_key });
  return hashes;
}

/** Commits that can be revealed yet, now or later. */
function unexpired(state: StateReader, netuid: number, block: number, commits: readonly Commit[]): readonly Commit[] {
  const first = commits.findIndex(([, epoch]) => revealWindow(state, netuid, block, epoch) !== 'expired');
  return first < 0 ? [] : commits.slice(first);
}
