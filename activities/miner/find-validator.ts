import { axonUrl, isServed } from '../../domain/artifact-location.ts';
import type { ChainCommitment, Neuron } from '../../domain/chain.ts';
import { readCommitPayload } from '../../domain/commit-payload.ts';
import { fail } from '../../domain/errors/error.ts';
import type { ValidatorSeat } from '../../domain/miner-plan.ts';
import type { Hotkey } from '../../domain/units.ts';
import type { MinerIoActivities } from './activities.ts';
import type { MinerIoDeps } from './deps.ts';

const byStake = (a: Neuron, b: Neuron): number => {
  const difference = BigInt(b.totalStakeRao) - BigInt(a.totalStakeRao);
  return difference > 0n ? 1 : difference < 0n ? -1 : a.uid - b.uid;
};

/** The configured validator, or the one with the most stake, among those with a permit that serve an address. */
export const findValidator = (deps: MinerIoDeps) => (): ReturnType<MinerIoActivities['findValidator']> =>
  seatOf(deps, deps.validatorHotkey);

/** The validator of that hotkey, or, for null, the one with the most stake. @throws OST_MINER_NO_VALIDATOR */
export async function seatOf({ chain, netuid }: MinerIoDeps, wanted: Hotkey | null): Promise<ValidatorSeat> {
  const { neurons, block } = await chain.snapshot(netuid);
  const candidates = neurons.filter(({ validatorPermit, axon }) => validatorPermit && isServed(axon)).toSorted(byStake);
  const chosen = candidates.find(({ hotkey }) => wanted === null || hotkey === wanted);
  if (chosen === undefined || !isServed(chosen.axon)) throw fail('OST_MINER_NO_VALIDATOR', { netuid });
  const commitments = await chain.commitments(netuid, block.number);
  return {
    hotkey: chosen.hotkey,
    uid: chosen.uid,
    url: axonUrl(chosen.axon),
    committed: committedModel(commitments.find(({ hotkey }) => hotkey === chosen.hotkey)),
  };
}

/** The model that a validator's slot names: its hash commitment, or the heartbeat that repeats it. */
function committedModel(commitment: ChainCommitment | undefined): ValidatorSeat['committed'] {
  if (commitment === undefined) return null;
  const payload = readCommitPayload(commitment.text);
  if (payload.kind !== 'hash' && payload.kind !== 'heartbeat') return null;
  return payload.modelHash === null ? null : { modelHash: payload.modelHash, version: payload.version };
}
