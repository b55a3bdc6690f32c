import type { Hex } from '../../../../domain/units.ts';
import { subtensorCalls } from '../../declaration/pallets/subtensor-calls.ts';
import { subtensorErrors as errors } from '../../declaration/pallets/subtensor-errors.ts';
import { hyperparameters } from '../../declaration/pallets/subtensor-hyperparameters.ts';
import { neurons } from '../../declaration/pallets/subtensor-neurons.ts';
import { subnet } from '../../declaration/pallets/subtensor-subnet.ts';
import { ZERO_ACCOUNT } from '../../scale/known.ts';
import { burn, canPay } from '../accounts.ts';
import { raiseBurn } from '../burn-price.ts';
import { refusal } from '../failure.ts';
import { type Context, type Handler, handler, signer } from '../handler.ts';
import { register, slotFor } from '../registration.ts';

const ROOT_NETUID = 0;

/** Signed by the coldkey, which pays; the hotkey needs no funds. */
function burnedRegister(context: Context, netuid: number, hotkey: Hex, limitPrice: bigint | null): void {
  const coldkey = signer(context);
  const { state, block } = context;
  if (netuid === ROOT_NETUID) throw refusal(errors.RegistrationNotPermittedOnRootSubnet);
  if (!state.get(subnet.networksAdded, netuid)) throw refusal(errors.SubnetNotExists);
  if (!state.get(hyperparameters.networkRegistrationAllowed, netuid)) throw refusal(errors.SubNetRegistrationDisabled);
  if (state.get(neurons.uids, netuid, hotkey) !== null) throw refusal(errors.HotKeyAlreadyRegisteredInSubNet);
  const price = state.get(hyperparameters.burn, netuid);
  if (limitPrice !== null && price > limitPrice) throw refusal(errors.RegistrationPriceLimitExceeded);
  if (!canPay(state, coldkey, price)) throw refusal(errors.NotEnoughBalanceToStake);
  const owner = state.get(neurons.owner, hotkey);
  if (owner !== ZERO_ACCOUNT && owner !== coldkey) throw refusal(errors.NonAssociatedColdKey);
  const slot = slotFor(state, netuid, block);
  if (slot === null) throw refusal(errors.NoNeuronIdAvailable);

  burn(state, coldkey, price);
  state.set(subnet.rAORecycledForRegistration, [netuid], state.get(subnet.rAORecycledForRegistration, netuid) + price);
  register(state, { netuid, hotkey, coldkey, uid: slot, block });
  raiseBurn(state, netuid);
}

const pays = { paysFee: true, refTime: 190_000_000n } as const;

export const registrationHandlers: readonly Handler[] = [
  handler(subtensorCalls.burnedRegister, {
    ...pays,
    run: (context, { netuid, hotkey }) => burnedRegister(context, netuid, hotkey, null),
  }),
  handler(subtensorCalls.registerLimit, {
    ...pays,
    run: (context, { netuid, hotkey, limit_price }) => burnedRegister(context, netuid, hotkey, limit_price),
  }),
];
