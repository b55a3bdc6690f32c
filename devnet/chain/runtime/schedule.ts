import { hyperparameters } from '../declaration/pallets/subtensor-hyperparameters.ts';
import { subnet } from '../declaration/pallets/subtensor-subnet.ts';
import type { StateReader } from '../state/state.ts';

/** A subnet whose counter says that nothing ran for so long gets its epoch whatever its tempo. */
const OVERDUE_BLOCKS = 50_400n;

/** Whether a subnet's epoch should run at a block: the stateful rule of runtimes from 423 on. */
export function isDue(state: StateReader, netuid: number, block: bigint): boolean {
  const tempo = BigInt(state.get(hyperparameters.tempo, netuid));
  if (tempo === 0n) return false;
  const pending = state.get(subnet.pendingEpochAt, netuid);
  return (
    (pending > 0n && block >= pending) ||
    block - state.get(subnet.lastEpochBlock, netuid) >= tempo ||
    state.get(subnet.blocksSinceLastStep, netuid) > OVERDUE_BLOCKS
  );
}

/** The epoch that a block counts as: where one is due and has been put off, it counts as run. */
export const currentEpoch = (state: StateReader, netuid: number, block: bigint): bigint =>
  state.get(subnet.subnetEpochIndex, netuid) + (isDue(state, netuid, block) ? 1n : 0n);

/** The block of the next epoch, unless others defer it; null where the tempo is 0. */
export function nextEpochBlock(state: StateReader, netuid: number): bigint | null {
  const tempo = BigInt(state.get(hyperparameters.tempo, netuid));
  if (tempo === 0n) return null;
  const next = state.get(subnet.lastEpochBlock, netuid) + tempo;
  const pending = state.get(subnet.pendingEpochAt, netuid);
  return pending > 0n && pending < next ? pending : next;
}
