import { loadSigner } from '../../../adapters/wallet/load.ts';
import type { Signer } from '../../../adapters/wallet/signer.ts';
import type { Ground } from '../ground.ts';
import { type Attempt, call } from '../send.ts';
import { hasCall, hasItem } from '../state.ts';
import type { Round, Stage } from './round.ts';

export const register = (stage: Stage, hotkey: string, coldkey?: Signer, netuid: number = stage.netuid): Attempt => ({
  signer: coldkey ?? stage.staged.coldkey,
  method: call(stage, 'SubtensorModule', 'burned_register', netuid, hotkey),
});

/** A hotkey that nobody has registered. */
export const newcomer = async (name: string): Promise<string> =>
  (await loadSigner({ kind: 'uri', uri: `//Conformance//newcomer//${name}` })).hotkey;

/** Where the price of a registration rises with each, no count limits them. */
const unlimited = ({ client }: Ground): string | null =>
  hasItem(client.runtime, 'SubtensorModule', 'BurnHalfLife') ? 'registrations are limited by their price' : null;

export const refusedRegistrations: Round = {
  provocations: [
    {
      name: 'HotKeyAlreadyRegisteredInSubNet',
      attempt: (stage) => register(stage, stage.staged.miner.hotkey),
    },
    {
      name: 'RegistrationNotPermittedOnRootSubnet',
      attempt: async (stage) => register(stage, await newcomer('root'), undefined, 0),
    },
    {
      // Owned by the coldkey; it left the subnet, or else it would be registered already.
      name: 'NonAssociatedColdKey',
      attempt: async (stage) => {
        const hotkey = await newcomer('owned');
        await stage.staged.set([{ item: 'Owner', keys: [hotkey], value: stage.staged.coldkey.hotkey }]);
        return register(stage, hotkey, stage.staged.other);
      },
    },
    {
      name: 'NotEnoughBalanceToStake',
      attempt: async (stage) => register(stage, await newcomer('poor'), stage.staged.poor),
    },
    {
      name: 'RegistrationPriceLimitExceeded',
      lacking: ({ client }) =>
        hasCall(client.runtime, 'SubtensorModule', 'registerLimit') ? null : 'no price is limited',
      attempt: async (stage) => ({
        signer: stage.staged.coldkey,
        method: call(stage, 'SubtensorModule', 'register_limit', stage.netuid, await newcomer('dear'), 0),
      }),
    },
  ],
};

export const closedRegistration: Round = {
  settings: () => [{ item: 'NetworkRegistrationAllowed', value: false }],
  restored: () => [{ item: 'NetworkRegistrationAllowed', value: true }],
  provocations: [
    {
      name: 'SubNetRegistrationDisabled',
      attempt: async (stage) => register(stage, await newcomer('closed')),
    },
  ],
};

export const crowdedRegistration: Round = {
  settings: () => [{ item: 'MaxRegistrationsPerBlock', value: 0 }],
  restored: () => [{ item: 'MaxRegistrationsPerBlock', value: 100 }],
  provocations: [
    {
      name: 'TooManyRegistrationsThisBlock',
      lacking: unlimited,
      attempt: async (stage) => register(stage, await newcomer('block')),
    },
  ],
};

export const crowdedInterval: Round = {
  settings: () => [{ item: 'RegistrationsThisInterval', value: 300 }],
  restored: () => [{ item: 'RegistrationsThisInterval', value: 0 }],
  provocations: [
    {
      name: 'registrations of an interval',
      lacking: unlimited,
      attempt: async (stage) => register(stage, await newcomer('interval')),
    },
  ],
};
