import type { Hex } from '../../../../domain/units.ts';
import {
  commitments,
  commitmentsCalls,
  commitmentsErrors,
  commitmentsEvents,
  type Data,
} from '../../declaration/pallets/commitments.ts';
import { hyperparameters } from '../../declaration/pallets/subtensor-hyperparameters.ts';
import { neurons } from '../../declaration/pallets/subtensor-neurons.ts';
import { subnet } from '../../declaration/pallets/subtensor-subnet.ts';
import type { ValueOf } from '../../scale/codec.ts';
import type { State } from '../../state/state.ts';
import { indexTimelocks, timelockOf } from '../commitments/reveal.ts';
import { refusal } from '../failure.ts';
import { ensureRoot, type Handler, handler, signer } from '../handler.ts';
import { mechanismsOf, storageIndex } from '../weights/mechanism.ts';

/** A call costs at least this much of the epoch's space, however short its fields are. */
const MINIMUM_SPACE = 100;

type Field = ValueOf<typeof Data>;

function space(field: Field): number {
  const content = field.value['0'] ?? field.value['encrypted'];
  return content instanceof Uint8Array ? content.length : 0;
}

/** Takes what all validators hold of the committer's bonds, in every mechanism, where the subnet lets it. */
function resetBonds(state: State, netuid: number, who: Hex, block: number): void {
  const uid = state.get(neurons.uids, netuid, who);
  if (uid === null || !state.get(hyperparameters.bondsResetOn, netuid)) return;
  for (const mechanism of mechanismsOf(state, netuid)) {
    const index = storageIndex(mechanism);
    for (let holder = 0; holder < state.get(subnet.subnetworkN, netuid); holder++) {
      const bonds = state.get(neurons.bonds, index, holder);
      const left = bonds.filter(([of]) => of !== uid);
      if (left.length < bonds.length) state.set(neurons.bonds, [index, holder], left);
    }
  }
  state.set(commitments.lastBondsReset, [netuid, who], block);
}

export const commitmentHandlers: readonly Handler[] = [
  handler(commitmentsCalls.setCommitment, {
    paysFee: false,
    refTime: 40_000_000n,
    run: (context, { netuid, info }) => {
      const who = signer(context);
      const { state, block } = context;
      if (state.get(neurons.uids, netuid, who) === null) throw refusal(commitmentsErrors.AccountNotAllowedCommit);

      const epoch = state.get(subnet.subnetEpochIndex, netuid);
      const usage = state.get(commitments.usedSpaceOf, netuid, who);
      const used = usage !== null && usage.last_epoch === epoch ? usage.used_space : 0n;
      const wanted = Math.max(
        MINIMUM_SPACE,
        info.fields.reduce((sum, field) => sum + space(field), 0),
      );
      const total = used + BigInt(wanted);
      if (total > BigInt(state.get(commitments.maxSpace))) throw refusal(commitmentsErrors.SpaceLimitExceeded);

      state.set(commitments.usedSpaceOf, [netuid, who], { last_epoch: epoch, used_space: total });
      state.set(commitments.commitmentOf, [netuid, who], { deposit: 0n, block, info });
      state.set(commitments.lastCommitment, [netuid, who], block);
      if (info.fields.some(({ kind }) => kind === 'ResetBondsFlag')) resetBonds(state, netuid, who, block);
      const [lock] = info.fields.map(timelockOf).filter((each) => each !== null);
      indexTimelocks(state, netuid, who, lock !== undefined);
      if (lock === undefined) state.emit(commitmentsEvents.commitment, { netuid, who });
      else state.emit(commitmentsEvents.timelockCommitment, { netuid, who, reveal_round: lock.round });
    },
  }),
  handler(commitmentsCalls.setMaxSpace, {
    paysFee: true,
    refTime: 5_000_000n,
    run: (context, { new_limit: limit }) => {
      ensureRoot(context);
      context.state.set(commitments.maxSpace, [], limit);
    },
  }),
];
