import { hyperparameters } from '../declaration/pallets/subtensor-hyperparameters.ts';
import type { State } from '../state/state.ts';

const FIXED_ONE = 1n << 64n;

function setBurn(state: State, netuid: number, price: bigint): void {
  const [lowest, highest] = [state.get(hyperparameters.minBurn, netuid), state.get(hyperparameters.maxBurn, netuid)];
  const clamped = price < lowest ? lowest : price > highest ? highest : price;
  if (clamped !== state.get(hyperparameters.burn, netuid)) state.set(hyperparameters.burn, [netuid], clamped);
}

/** Each registration makes the next one dearer. */
export function raiseBurn(state: State, netuid: number): void {
  const factor = state.get(hyperparameters.burnIncreaseMult, netuid).bits;
  setBurn(state, netuid, (state.get(hyperparameters.burn, netuid) * factor) / FIXED_ONE);
}

/** Between registrations the price halves every BurnHalfLife blocks. */
export function decayBurn(state: State, netuid: number): void {
  const halfLife = state.get(hyperparameters.burnHalfLife, netuid);
  if (halfLife === 0) return;
  setBurn(state, netuid, BigInt(Math.floor(Number(state.get(hyperparameters.burn, netuid)) * 0.5 ** (1 / halfLife))));
}
