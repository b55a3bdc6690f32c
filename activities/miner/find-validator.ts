import type { ChainCommitment, Neuron } from '../../domain/chain.ts';
import { readCommitPayload } from '../../domain/commit-payload.ts';
import { fail } from '../../domain/errors/error.ts';
import type { ValidatorSeat } from '../../domain/miner-plan.ts';
import type { MinerIoActivities } from './activities.ts';
import type { MinerIoDeps } from './deps.ts';

/** An address of all zeros is how a neuron says that it serves nothing. */
const serves = ({ axon }: Neuron): boolean => axon !== null && axon.ip !== '0.0.0.0' && axon.port !== 0;

const byStake = (a: Neuron, b: Neuron): number => {
  const difference = BigInt(b.totalStakeRao) - BigInt(a.totalStakeRao);
  return difference > 0n ? 1 : difference < 0n ? -1 : a.uid - b.uid;
};

/** The configured validator, or the one with the most stake, among those with a permit that serve an address. */
export const findValidator =
  ({ chain, netuid, validatorHotkey }: MinerIoDeps): MinerIoActivities['findValidator'] =>
  async () => {
    const { neurons, block } = await chain.snapshot(netuid);
    const candidates = neurons.filter((neuron) => neuron.validatorPermit && serves(neuron)).toSorted(byStake);
    const chosen = candidates.find(({ hotkey }) => validatorHotkey === null || hotkey === validatorHotkey);
    if (chosen === undefined || chosen.axon === null) throw fail('OST_MINER_NO_VALIDATOR', { netuid });
    const { ip, port } = chosen.axon;
    const commitments = await chain.commitments(netuid, block.number);
    return {
      hotkey: chosen.hotkey,
      uid: chosen.uid,
      url: `http://${ip.includes(':') ? `[${ip}]` : ip}:${port}`,
      committed: committedModel(commitments.find(({ hotkey }) => hotkey === chosen.hotkey)),
    };
  };

/** The model that a validator's slot names: its hash commitment, or the heartbeat that repeats it. */
function committedModel(commitment: ChainCommitment | undefined): ValidatorSeat['committed'] {
  if (commitment === undefined) return null;
  const payload = readCommitPayload(commitment.text);
  if (payload.kind !== 'hash' && payload.kind !== 'heartbeat') return null;
  return payload.modelHash === null ? null : { modelHash: payload.modelHash, version: payload.version };
}
