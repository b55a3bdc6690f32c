import type { Hex } from '../../../../domain/units.ts';
import { subtensorCalls as calls } from '../../declaration/pallets/subtensor-calls.ts';
import { subtensorErrors as errors } from '../../declaration/pallets/subtensor-errors.ts';
import { subtensorEvents as events } from '../../declaration/pallets/subtensor-events.ts';
import { hyperparameters as settings } from '../../declaration/pallets/subtensor-hyperparameters.ts';
import { neurons } from '../../declaration/pallets/subtensor-neurons.ts';
import { subnet } from '../../declaration/pallets/subtensor-subnet.ts';
import { ZERO_ACCOUNT } from '../../scale/known.ts';
import type { State, StateReader } from '../../state/state.ts';
import { burn, canPay } from '../accounts.ts';
import { refusal } from '../failure.ts';
import { type Context, type Handler, handler, signer } from '../handler.ts';
import { ensureOwner } from '../owner.ts';
import { LAST_REGISTERED } from '../rate-limits.ts';
import { register } from '../registration.ts';

const pays = { paysFee: true, refTime: 235_400_000n } as const;
/** What a new subnet's first registration costs. */
const NEW_BURN_RAO = 1_000_000_000n;
/** The one kind of subnet that has a pool. */
const DYNAMIC = 1;

/** All accounts together may found one subnet in so many blocks. */
function ensureNotTooSoon(state: StateReader, block: number): void {
  const last = state.get(settings.lastRateLimitedBlock, LAST_REGISTERED);
  if (last > 0n && BigInt(block) - last < state.get(settings.networkRateLimit))
    throw refusal(errors.NetworkTxRateLimitExceeded);
}

function freeNetuid(state: StateReader): number {
  let netuid = 1;
  while (state.get(subnet.networksAdded, netuid)) netuid++;
  return netuid;
}

/** Puts a subnet in place with what new ones get; its alpha trades from `start_call` on. */
function found(state: State, netuid: number, coldkey: Hex, hotkey: Hex, block: number, lockedRao: bigint): void {
  state.set(subnet.networksAdded, [netuid], true);
  state.set(subnet.totalNetworks, [], Math.max(state.get(subnet.totalNetworks), netuid + 1));
  state.set(subnet.subnetOwner, [netuid], coldkey);
  state.set(subnet.subnetOwnerHotkey, [netuid], hotkey);
  state.set(subnet.subnetMechanism, [netuid], DYNAMIC);
  state.set(subnet.networkRegisteredAt, [netuid], BigInt(block));
  const tempo = state.get(settings.tempo, netuid);
  // Spreads the epochs of subnets over blocks.
  state.set(subnet.lastEpochBlock, [netuid], BigInt(Math.max(0, block - (netuid % tempo))));
  state.set(settings.minAllowedWeights, [netuid], 1);
  state.set(settings.maxAllowedValidators, [netuid], 64);
  state.set(settings.immunityPeriod, [netuid], 5000);
  state.set(settings.burn, [netuid], NEW_BURN_RAO);
  state.set(subnet.subnetTAO, [netuid], lockedRao);
  state.set(subnet.subnetAlphaIn, [netuid], lockedRao);
  register(state, { netuid, hotkey, coldkey, uid: 0, block });
}

export const networkHandlers: readonly Handler[] = [
  handler(calls.registerNetwork, {
    ...pays,
    check: ({ state, block, origin }: Context) => {
      if (origin.kind === 'signed') ensureNotTooSoon(state, block);
    },
    run: (context, { hotkey }) => {
      const { state, block } = context;
      const coldkey = signer(context);
      ensureNotTooSoon(state, block);
      const owner = state.get(neurons.owner, hotkey);
      if (owner !== ZERO_ACCOUNT && owner !== coldkey) throw refusal(errors.NonAssociatedColdKey);
      const cost = state.get(settings.networkMinLockCost);
      if (!canPay(state, coldkey, cost)) throw refusal(errors.CannotAffordLockCost);
      const netuid = freeNetuid(state);
      if (netuid > state.get(settings.subnetLimit)) throw refusal(errors.SubnetLimitReached);
      burn(state, coldkey, cost);
      found(state, netuid, coldkey, hotkey, block, cost);
      state.set(settings.lastRateLimitedBlock, [LAST_REGISTERED], BigInt(block));
      state.emit(events.networkAdded, { 0: netuid, 1: 0 });
    },
  }),
  handler(calls.startCall, {
    ...pays,
    run: (context, { netuid }) => {
      const { state, block } = context;
      if (!state.get(subnet.networksAdded, netuid)) throw refusal(errors.SubnetNotExists);
      ensureOwner(context, netuid);
      if (state.get(subnet.firstEmissionBlockNumber, netuid) !== null)
        throw refusal(errors.FirstEmissionBlockNumberAlreadySet);
      const ready = state.get(subnet.networkRegisteredAt, netuid) + state.get(settings.startCallDelay);
      if (BigInt(block) < ready) throw refusal(errors.NeedWaitingMoreBlocksToStarCall);
      state.set(subnet.firstEmissionBlockNumber, [netuid], BigInt(block) + 1n);
      state.set(settings.subtokenEnabled, [netuid], true);
      state.emit(events.firstEmissionBlockNumberSet, { 0: netuid, 1: BigInt(block) + 1n });
    },
  }),
];
