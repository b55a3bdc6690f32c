import { hotkey } from '../../../domain/units.ts';
import { type Ground, rao } from '../ground.ts';
import { call } from '../send.ts';
import { hasCall, hasError, hasItem } from '../state.ts';
import { newcomer, register } from './registration.ts';
import type { Round } from './round.ts';
import { associateEvmKey, evmKey } from './wallets.ts';

/** An error that a runtime has no name for, it cannot tell. */
const lackingError =
  (name: string) =>
  ({ client }: Ground): string | null =>
    hasError(client.runtime, 'SubtensorModule', name) ? null : `it knows no ${name}`;

/** A commitment that names another version than the chain's. */
export const strangeVersion: Round = {
  settings: () => [{ item: 'CommitRevealWeightsEnabled', value: true }],
  restored: () => [{ item: 'CommitRevealWeightsEnabled', value: false }],
  provocations: [
    {
      name: 'IncorrectCommitRevealVersion',
      lacking: ({ client }) =>
        hasCall(client.runtime, 'SubtensorModule', 'commitTimelockedWeights') ? null : 'it knows no timelocks',
      attempt: async (stage) => {
        // Ahead of every round that is stored.
        const round = 1_000_000_000;
        const method = call(stage, 'SubtensorModule', 'commit_timelocked_weights', stage.netuid, '0x1234', round, 3);
        return { signer: stage.writer.validator, method };
      },
    },
  ],
};

export const closedTransfers: Round = {
  settings: () => [{ item: 'TransferToggle', value: false }],
  restored: () => [{ item: 'TransferToggle', value: true }],
  provocations: [
    {
      name: 'TransferDisallowed',
      lacking: lackingError('TransferDisallowed'),
      attempt: (stage) => {
        const { netuid, writer, staged } = stage;
        const where = [staged.other.hotkey, writer.validator.hotkey, netuid, netuid, rao];
        return { signer: staged.coldkey, method: call(stage, 'SubtensorModule', 'transfer_stake', ...where) };
      },
    },
  ],
};

export const emptyPool: Round = {
  settings: () => [{ item: 'SubnetAlphaIn', value: 0 }],
  restored: () => [{ item: 'SubnetAlphaIn', value: 1_000_000n * rao }],
  provocations: [
    {
      name: 'InsufficientLiquidity',
      lacking: lackingError('InsufficientLiquidity'),
      attempt: (stage) => ({
        signer: stage.staged.coldkey,
        method: call(stage, 'SubtensorModule', 'add_stake', stage.writer.validator.hotkey, stage.netuid, rao),
      }),
    },
  ],
};

/** Of a staged chain: //Alice's. */
const owner = hotkey('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY');

/** The owner of a subnet whose next epoch is always too near. */
export const frozenSettings: Round = {
  settings: ({ staged }) => [
    { item: 'SubnetOwner', value: staged.coldkey.hotkey },
    { item: 'AdminFreezeWindow', keys: [], value: 65_535 },
  ],
  restored: () => [
    { item: 'SubnetOwner', value: owner },
    { item: 'AdminFreezeWindow', keys: [], value: 10 },
  ],
  provocations: [
    {
      name: 'AdminActionProhibitedDuringWeightsWindow',
      lacking: ({ client }) =>
        hasItem(client.runtime, 'SubtensorModule', 'AdminFreezeWindow')
          ? null
          : 'owners may change settings at any time',
      attempt: (stage) => ({
        signer: stage.staged.coldkey,
        method: call(stage, 'AdminUtils', 'sudo_set_immunity_period', stage.netuid, 10),
      }),
    },
  ],
};

/** A subnet without a seat, as one is whose neurons are all immune. */
export const fullSubnet: Round = {
  settings: () => [
    { item: 'MaxAllowedUids', value: 0 },
    { item: 'ImmunityPeriod', value: 65_535 },
  ],
  restored: () => [
    { item: 'MaxAllowedUids', value: 256 },
    { item: 'ImmunityPeriod', value: 4_096 },
  ],
  provocations: [{ name: 'NoNeuronIdAvailable', attempt: async (stage) => register(stage, await newcomer('full')) }],
};

export const crowdedEvmKeys: Round = {
  provocations: [
    {
      name: 'EvmKeyAssociateRateLimitExceeded',
      lacking: lackingError('EvmKeyAssociateRateLimitExceeded'),
      attempt: async (stage) => {
        const { client, netuid, staged, writer } = stage;
        const { validator } = writer;
        const uid = await client.registration(netuid, hotkey(validator.hotkey));
        if (uid === null) throw new Error(`${validator.hotkey} is not registered`);
        const { number } = await client.head();
        await staged.set([{ item: 'AssociatedEvmAddress', keys: [netuid, uid], value: [evmKey, number] }]);
        return { signer: validator, method: associateEvmKey(stage) };
      },
    },
  ],
};
