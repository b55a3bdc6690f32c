import { subtensorErrors as errors } from '../../declaration/pallets/subtensor-errors.ts';
import { subnet } from '../../declaration/pallets/subtensor-subnet.ts';
import type { State, StateReader } from '../../state/state.ts';
import { refusal } from '../failure.ts';

const ROOT_NETUID = 0;
const RAO_PER_TAO = 1_000_000_000n;

/** Root, and subnets of mechanism 0, have no pool: one alpha is one TAO. */
export const isStable = (state: StateReader, netuid: number): boolean =>
  netuid === ROOT_NETUID || state.get(subnet.subnetMechanism, netuid) === 0;

/** What a pool of constant product gives out for what comes in, without a fee. */
const given = (poolIn: bigint, poolOut: bigint, amount: bigint): bigint =>
  poolIn + amount === 0n ? 0n : (poolOut * amount) / (poolIn + amount);

export const alphaFor = (state: StateReader, netuid: number, tao: bigint): bigint =>
  isStable(state, netuid)
    ? tao
    : given(state.get(subnet.subnetTAO, netuid), state.get(subnet.subnetAlphaIn, netuid), tao);

export const taoFor = (state: StateReader, netuid: number, alpha: bigint): bigint =>
  isStable(state, netuid)
    ? alpha
    : given(state.get(subnet.subnetAlphaIn, netuid), state.get(subnet.subnetTAO, netuid), alpha);

/** Buys alpha; gives how much. Throws InsufficientLiquidity where the pool has none. */
export function buy(state: State, netuid: number, tao: bigint): bigint {
  const alpha = alphaFor(state, netuid, tao);
  if (alpha === 0n) throw refusal(errors.InsufficientLiquidity);
  move(state, netuid, tao, -alpha);
  return alpha;
}

/** Sells alpha; gives the TAO. */
export function sell(state: State, netuid: number, alpha: bigint): bigint {
  const tao = taoFor(state, netuid, alpha);
  if (tao === 0n) throw refusal(errors.InsufficientLiquidity);
  move(state, netuid, -tao, alpha);
  return tao;
}

function move(state: State, netuid: number, tao: bigint, alphaIn: bigint): void {
  const add = (entry: typeof subnet.subnetTAO, amount: bigint) =>
    state.set(entry, [netuid], state.get(entry, netuid) + amount);
  add(subnet.subnetTAO, tao);
  if (!isStable(state, netuid)) add(subnet.subnetAlphaIn, alphaIn);
  add(subnet.subnetAlphaOut, -alphaIn);
  add(subnet.subnetVolume, tao < 0n ? -tao : tao);
  state.set(subnet.totalStake, [], state.get(subnet.totalStake) + tao);
}

/** The most TAO that buys without the price going above a limit, in rao for one alpha. */
export function mostTao(state: StateReader, netuid: number, limitPrice: bigint): bigint {
  if (isStable(state, netuid)) return limitPrice >= RAO_PER_TAO ? UNBOUNDED : 0n;
  const [tao, alpha] = [state.get(subnet.subnetTAO, netuid), state.get(subnet.subnetAlphaIn, netuid)];
  const reached = root((limitPrice * tao * alpha) / RAO_PER_TAO);
  return reached > tao ? reached - tao : 0n;
}

/** The most alpha that sells without the price going below a limit. */
export function mostAlpha(state: StateReader, netuid: number, limitPrice: bigint): bigint {
  if (isStable(state, netuid)) return limitPrice <= RAO_PER_TAO ? UNBOUNDED : 0n;
  if (limitPrice === 0n) return UNBOUNDED;
  const [tao, alpha] = [state.get(subnet.subnetTAO, netuid), state.get(subnet.subnetAlphaIn, netuid)];
  const reached = root((tao * alpha * RAO_PER_TAO) / limitPrice);
  return reached > alpha ? reached - alpha : 0n;
}

const UNBOUNDED = (1n << 64n) - 1n;

/** The whole part of a square root, by Newton's method. */
function root(value: bigint): bigint {
  if (value < 2n) return value;
  let guess = 1n << BigInt(Math.ceil(value.toString(2).length / 2));
  for (;;) {
    const next = (guess + value / guess) >> 1n;
    if (next >= guess) return guess;
    guess = next;
  }
}
