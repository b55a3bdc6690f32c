import { hexToU8a } from '@polkadot/util';
import { blake2AsHex } from '@polkadot/util-crypto';
import { decodeWeightsPayload } from '../../../../domain/timelock/weights-payload.ts';
import type { Hex } from '../../../../domain/units.ts';
import { drand } from '../../declaration/pallets/drand.ts';
import { subtensorErrors as errors } from '../../declaration/pallets/subtensor-errors.ts';
import { subtensorEvents as events } from '../../declaration/pallets/subtensor-events.ts';
import { hyperparameters } from '../../declaration/pallets/subtensor-hyperparameters.ts';
import { neurons } from '../../declaration/pallets/subtensor-neurons.ts';
import type { State, StateReader } from '../../state/state.ts';
import { DispatchFailure, refusal } from '../failure.ts';
import { currentEpoch } from '../schedule.ts';
import { markUpdate } from '../weights/gates.ts';
import { type Mechanism, mechanismsOf, storageIndex } from '../weights/mechanism.ts';
import { setWeights } from '../weights/set-weights.ts';
import { ensureMayCommit } from './hash-commit.ts';

/** Commits of one hotkey that wait in one epoch. */
const MAX_PER_EPOCH = 10;
const PUBLIC_KEY_BYTES = 32;

/** Opens what was sealed to a beacon's round; null where the signature is not that of its round. */
export type Open = (sealed: Uint8Array, signature: Uint8Array) => Uint8Array | null;

/** What the pool asks: that nobody can read the commit yet. */
export function ensureFutureRound(state: StateReader, round: bigint): void {
  if (round < state.get(drand.lastStoredRound)) throw refusal(errors.InvalidRevealRound);
}

export function commitTimelocked(
  state: State,
  who: Hex,
  block: number,
  mechanism: Mechanism,
  commit: Uint8Array,
  round: bigint,
): void {
  const uid = ensureMayCommit(state, who, mechanism, block);
  const index = storageIndex(mechanism);
  const epoch = currentEpoch(state, mechanism.netuid, BigInt(block));
  const waiting = state.get(neurons.timelockedWeightCommits, index, epoch);
  if (waiting.filter(([each]) => each === who).length >= MAX_PER_EPOCH) throw refusal(errors.TooManyUnrevealedCommits);
  state.set(neurons.timelockedWeightCommits, [index, epoch], [...waiting, [who, BigInt(block), commit, round]]);
  state.emit(events.timelockedWeightsCommitted, { 0: who, 1: index, 2: blake2AsHex(commit, 256), 3: round });
  markUpdate(state, mechanism, uid, block);
}

/**
 * At the start of every block, before the epoch that may run in it: opens the commits whose epoch it is and whose pulse
 * is there. What cannot be opened or set, and what is still closed when its epoch is over, is dropped without a word.
 */
export function revealTimelocked(state: State, netuid: number, block: number, open: Open): void {
  const epoch = currentEpoch(state, netuid, BigInt(block));
  const period = state.get(hyperparameters.revealPeriodEpochs, netuid);
  if (epoch < period) return;
  for (const mechanism of mechanismsOf(state, netuid)) {
    const index = storageIndex(mechanism);
    dropExpired(state, index, epoch - period);
    const entry = neurons.timelockedWeightCommits;
    const waiting = state.get(entry, index, epoch - period);
    if (waiting.length === 0) continue;
    const closed = waiting.filter(([who, , commit, round]) => {
      const pulse = state.get(drand.pulses, round);
      if (pulse === null) return true;
      apply(state, who, block, mechanism, open(commit, pulse.signature));
      return false;
    });
    if (closed.length === 0) state.remove(entry, index, epoch - period);
    else if (closed.length < waiting.length) state.set(entry, [index, epoch - period], closed);
  }
}

/** Epochs follow one upon another, so what has run out lies in those right before. */
function dropExpired(state: State, index: number, current: bigint): void {
  const entry = neurons.timelockedWeightCommits;
  for (let epoch = current - 1n; epoch >= 0n && state.read(entry.key(index, epoch)) !== null; epoch--)
    state.remove(entry, index, epoch);
}

function apply(state: State, who: Hex, block: number, mechanism: Mechanism, plaintext: Uint8Array | null): void {
  const payload = plaintext === null ? null : decodeWeightsPayload(plaintext);
  if (payload === null) return;
  if (payload.hotkey !== null && !same(payload.hotkey.subarray(0, PUBLIC_KEY_BYTES), hexToU8a(who))) return;
  const { uids, values, versionKey } = payload;
  try {
    state.transaction((inner) => {
      setWeights(inner, who, block, { ...mechanism, dests: uids, weights: values, version_key: versionKey });
      inner.emit(events.timelockedWeightsRevealed, { 0: storageIndex(mechanism), 1: who });
    });
  } catch (error) {
    if (!(error instanceof DispatchFailure)) throw error;
  }
}

const same = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, at) => byte === b[at]);
