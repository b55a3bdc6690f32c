import { hyperparameters } from '../../declaration/pallets/subtensor-hyperparameters.ts';
import type { StateReader } from '../../state/state.ts';
import { currentEpoch } from '../schedule.ts';

/** A commit is open to its reveal in exactly one epoch. */
export type Window = 'early' | 'open' | 'expired';

export function revealWindow(state: StateReader, netuid: number, block: number, commitEpoch: bigint): Window {
  const now = currentEpoch(state, netuid, BigInt(block));
  const open = commitEpoch + state.get(hyperparameters.revealPeriodEpochs, netuid);
  return now < open ? 'early' : now === open ? 'open' : 'expired';
}
