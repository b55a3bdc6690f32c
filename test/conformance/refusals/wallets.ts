import { u8aToHex } from '@polkadot/util';
import type { Signer } from '../../../adapters/wallet/signer.ts';
import type { Ground } from '../ground.ts';
import { type Attempt, call, type Method } from '../send.ts';
import { hasCall } from '../state.ts';
import type { Provocation, Round, Stage } from './round.ts';

/** Older pools number a handful of refusals only, and let the block tell the rest. */
const numbered = ({ client }: Ground): string | null =>
  client.capabilities.poolCodes === 'current' ? null : 'its pool has no number for it';

const lackingCall =
  (pallet: string, name: string) =>
  (ground: Ground): string | null =>
    numbered(ground) ?? (hasCall(ground.client.runtime, pallet, name) ? null : `it knows no ${pallet}.${name}`);

const by = (pick: (staged: Stage['staged']) => Signer, method: (stage: Stage) => Method) => {
  return (stage: Stage): Attempt => ({ signer: pick(stage.staged), method: method(stage) });
};

const subtensor = (stage: Stage, name: string, ...args: readonly unknown[]): Method =>
  call(stage, 'SubtensorModule', name, ...args);

/** Of a key that signed nothing: the neuron is looked at first. */
export const evmKey = `0x${'22'.repeat(20)}`;
export const associateEvmKey = (stage: Stage): Method =>
  subtensor(stage, 'associate_evm_key', stage.netuid, evmKey, 1, `0x${'00'.repeat(65)}`);

/** Much more than anybody has. */
const fortune = 1_000_000_000_000_000_000n;

const take = (name: RefusedTake, hotkey: (stage: Stage) => string, most: number, who: 'coldkey' | 'other') => ({
  name,
  lacking: numbered,
  attempt: by(
    (staged) => staged[who],
    (stage) => subtensor(stage, 'increase_take', hotkey(stage), most),
  ),
});
type RefusedTake = Extract<
  Provocation['name'],
  'HotKeyAccountNotExists' | 'NonAssociatedColdKey (take)' | 'DelegateTakeTooLow' | 'DelegateTakeTooHigh'
>;

/** What a wallet's own calls are refused with: no validator sends them, and everybody's client words them. */
export const refusedWallets: Round = {
  provocations: [
    take('HotKeyAccountNotExists', ({ staged }) => staged.stranger.hotkey, 1, 'coldkey'),
    take('NonAssociatedColdKey (take)', ({ writer }) => writer.validator.hotkey, 1, 'other'),
    take('DelegateTakeTooLow', ({ writer }) => writer.validator.hotkey, 0, 'coldkey'),
    take('DelegateTakeTooHigh', ({ writer }) => writer.validator.hotkey, 65_535, 'coldkey'),
    {
      name: 'InvalidRevealRound',
      lacking: lackingCall('SubtensorModule', 'commitTimelockedWeights'),
      attempt: (stage) => ({
        signer: stage.writer.validator,
        method: subtensor(stage, 'commit_timelocked_weights', stage.netuid, '0x1234', 0, 4),
      }),
    },
    {
      name: 'InputLengthsUnequal',
      lacking: lackingCall('SubtensorModule', 'batchRevealWeights'),
      attempt: (stage) => ({
        signer: stage.writer.validator,
        method: subtensor(stage, 'batch_reveal_weights', stage.netuid, [[1]], [[1], [2]], [[1]], [0]),
      }),
    },
    {
      name: 'no uid for an EVM key',
      lacking: lackingCall('SubtensorModule', 'associateEvmKey'),
      attempt: by(({ other }) => other, associateEvmKey),
    },
    {
      name: 'unparsable envelope of the shield',
      lacking: lackingCall('MevShield', 'submitEncrypted'),
      attempt: by(
        ({ other }) => other,
        (stage) => call(stage, 'MevShield', 'submit_encrypted', '0x0102'),
      ),
    },
    {
      name: 'envelope of the shield for another key',
      lacking: lackingCall('MevShield', 'submitEncrypted'),
      attempt: by(
        ({ other }) => other,
        (stage) => call(stage, 'MevShield', 'submit_encrypted', u8aToHex(new Uint8Array(58))),
      ),
    },
    {
      name: 'AmountTooLow',
      lacking: numbered,
      attempt: by(
        ({ coldkey }) => coldkey,
        (stage) => subtensor(stage, 'add_stake', stage.writer.validator.hotkey, stage.netuid, 1),
      ),
    },
    {
      name: 'NotEnoughStakeToWithdraw',
      lacking: numbered,
      attempt: by(
        ({ coldkey }) => coldkey,
        (stage) => subtensor(stage, 'remove_stake', stage.writer.validator.hotkey, stage.netuid, fortune),
      ),
    },
    {
      name: 'NotEnoughBalanceToStake (staking)',
      lacking: numbered,
      attempt: by(
        ({ coldkey }) => coldkey,
        (stage) => subtensor(stage, 'add_stake', stage.writer.validator.hotkey, stage.netuid, fortune),
      ),
    },
    {
      name: 'SlippageTooHigh',
      lacking: lackingCall('SubtensorModule', 'addStakeLimit'),
      // A price that nobody sells at, and all or nothing.
      attempt: by(
        ({ coldkey }) => coldkey,
        (stage) =>
          subtensor(stage, 'add_stake_limit', stage.writer.validator.hotkey, stage.netuid, 1_000_000_000, 1, false),
      ),
    },
  ],
};
