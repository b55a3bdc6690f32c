import type { Signer } from '../../../adapters/wallet/signer.ts';
import { type Attempt, call } from '../send.ts';
import { hasCall } from '../state.ts';
import type { Round, Stage } from './round.ts';

const versionKey = 5;

interface Vector {
  readonly netuid?: number;
  readonly uids: readonly number[];
  readonly values: readonly number[];
  readonly key?: number;
  readonly signer?: Signer;
}

const set = (stage: Stage, { netuid = stage.netuid, uids, values, key = versionKey, signer }: Vector): Attempt => ({
  signer: signer ?? stage.writer.validator,
  method: call(stage, 'SubtensorModule', 'set_weights', netuid, uids, values, key),
});

const many = Array.from({ length: 300 }, (_, index) => index);
const three = { uids: [1, 2, 3], values: [1, 1, 1] } as const;
const anyHash = `0x${'11'.repeat(32)}`;

/**
 * A subnet that is not there. Present chains refuse by commit-reveal first, which is on where nobody said otherwise.
 */
const nowhere = 77;

const settings = (minimum: number, key: number, limit: number) => () => [
  { item: 'CommitRevealWeightsEnabled', keys: [nowhere], value: false },
  { item: 'MinAllowedWeights', value: minimum },
  { item: 'WeightsVersionKey', value: key },
  { item: 'MaxWeightsLimit', value: limit },
];

/** The checks of weights, in the order of the runtime, each with one cause. */
export const malformedWeights: Round = {
  settings: settings(3, versionKey, 40_000),
  restored: settings(1, 0, 65_535),
  provocations: [
    { name: 'WeightVecNotEqualSize', attempt: (stage) => set(stage, { uids: [1, 2, 3], values: [1] }) },
    { name: 'UidsLengthExceedUidsInSubNet', attempt: (stage) => set(stage, { uids: many, values: many }) },
    {
      name: 'HotKeyNotRegisteredInSubNet',
      attempt: (stage) => set(stage, { ...three, signer: stage.staged.stranger }),
    },
    { name: 'IncorrectWeightVersionKey', attempt: (stage) => set(stage, { ...three, key: versionKey - 1 }) },
    { name: 'NeuronNoValidatorPermit', attempt: (stage) => set(stage, { ...three, signer: stage.staged.miner }) },
    { name: 'DuplicateUids', attempt: (stage) => set(stage, { uids: [1, 1, 2], values: [1, 1, 1] }) },
    { name: 'UidVecContainInvalidOne', attempt: (stage) => set(stage, { uids: [1, 2, 99], values: [1, 1, 1] }) },
    { name: 'WeightVecLengthIsLow', attempt: (stage) => set(stage, { uids: [1, 2], values: [1, 1] }) },
    { name: 'WeightVecLengthIsLow (empty)', attempt: (stage) => set(stage, { uids: [], values: [] }) },
    {
      name: 'MaxWeightExceeded',
      lacking: ({ client }) =>
        hasCall(client.runtime, 'AdminUtils', 'sudoSetMaxWeightLimit') ? null : 'no share of one uid is too large',
      attempt: (stage) => set(stage, { uids: [1, 2, 3], values: [9, 1, 1] }),
    },
    { name: 'CanNotSetRootNetworkWeights', attempt: (stage) => set(stage, { netuid: 0, ...three }) },
    { name: 'MechanismDoesNotExist', attempt: (stage) => set(stage, { netuid: nowhere, ...three }) },
    {
      name: 'CommitRevealDisabled',
      attempt: (stage) => ({
        signer: stage.writer.validator,
        method: call(stage, 'SubtensorModule', 'commit_weights', stage.netuid, anyHash),
      }),
    },
  ],
};

/** A block of weights and then weights again; the settings let the first through whatever was before. */
export const tooFastWeights: Round = {
  settings: () => [{ item: 'WeightsSetRateLimit', value: 1_000 }],
  restored: () => [{ item: 'WeightsSetRateLimit', value: 0 }],
  provocations: [{ name: 'SettingWeightsTooFast', attempt: (stage) => set(stage, three) }],
};

export const lowStake: Round = {
  settings: (stage) => [{ item: stage.client.capabilities.stakeThreshold, keys: [], value: '1000000000000000000' }],
  restored: (stage) => [{ item: stage.client.capabilities.stakeThreshold, keys: [], value: 0 }],
  provocations: [
    { name: 'NotEnoughStakeToSetWeights', attempt: (stage) => set(stage, three) },
    {
      name: 'NotEnoughStakeToSetWeights (unregistered signer)',
      attempt: (stage) => set(stage, { ...three, signer: stage.staged.stranger }),
    },
    {
      name: 'NotEnoughStakeToSetWeights (commit)',
      attempt: (stage) => ({
        signer: stage.writer.validator,
        method: call(stage, 'SubtensorModule', 'commit_weights', stage.netuid, anyHash),
      }),
    },
  ],
};
