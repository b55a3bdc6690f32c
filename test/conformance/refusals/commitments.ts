import { stringToHex } from '@polkadot/util';
import type { Signer } from '../../../adapters/wallet/signer.ts';
import { type Attempt, call } from '../send.ts';
import { hasError } from '../state.ts';
import type { Provocation, Round, Stage } from './round.ts';

const commit = (stage: Stage, signer: Signer, count = 1): Attempt => ({
  signer,
  method: call(stage, 'Commitments', 'set_commitment', stage.netuid, {
    fields: Array.from({ length: count }, () => ({ Raw5: stringToHex('again') })),
  }),
});

const lacks = (name: string): NonNullable<Provocation['lacking']> => {
  return ({ client }) => (hasError(client.runtime, 'Commitments', name) ? null : `its commitments know no ${name}`);
};

/** Comes after the suite's own commitment, which has to be the last of the validator's. */
export const refusedCommitments: Round = {
  settings: ({ client }) =>
    client.capabilities.commitmentSpace ? [{ pallet: 'Commitments', item: 'MaxSpace', keys: [], value: 199 }] : [],
  restored: ({ client }) =>
    client.capabilities.commitmentSpace ? [{ pallet: 'Commitments', item: 'MaxSpace', keys: [], value: 3_100 }] : [],
  provocations: [
    { name: 'AccountNotAllowedCommit', attempt: (stage) => commit(stage, stage.staged.stranger) },
    {
      name: 'too many fields of a commitment',
      attempt: (stage) => commit(stage, stage.staged.second, stage.client.capabilities.maxFields + 1),
    },
    {
      name: 'CommitmentSetRateLimitExceeded',
      lacking: lacks('CommitmentSetRateLimitExceeded'),
      attempt: (stage) => commit(stage, stage.writer.validator),
    },
    {
      name: 'SpaceLimitExceeded',
      lacking: lacks('SpaceLimitExceeded'),
      attempt: (stage) => commit(stage, stage.writer.validator),
    },
  ],
};
