import { subtensorErrors as errors } from '../../declaration/pallets/subtensor-errors.ts';
import { hyperparameters } from '../../declaration/pallets/subtensor-hyperparameters.ts';
import { subnet } from '../../declaration/pallets/subtensor-subnet.ts';
import type { StateReader } from '../../state/state.ts';
import { refusal } from '../failure.ts';

/** Which of a subnet's mechanisms; mechanism 0 is the subnet itself. */
export interface Mechanism {
  readonly netuid: number;
  readonly mecid: number;
}

/** Mechanisms of one subnet keep their weights under storage indexes this far apart. */
const MECHANISM_STRIDE = 4096;

export const storageIndex = ({ netuid, mecid }: Mechanism): number => mecid * MECHANISM_STRIDE + netuid;

/** The storage indexes of all mechanisms that a subnet has. */
export const mechanismsOf = (state: StateReader, netuid: number): readonly Mechanism[] =>
  Array.from({ length: state.get(hyperparameters.mechanismCountCurrent, netuid) }, (_, mecid) => ({ netuid, mecid }));

export function ensureMechanism(state: StateReader, { netuid, mecid }: Mechanism): void {
  const exists = state.get(subnet.networksAdded, netuid);
  if (!exists || mecid >= state.get(hyperparameters.mechanismCountCurrent, netuid)) {
    throw refusal(errors.MechanismDoesNotExist);
  }
}
