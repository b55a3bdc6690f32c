import { request } from 'undici';
import { axonUrl, isServed } from '../../domain/artifact-location.ts';
import type { ChainCommitment, Neuron } from '../../domain/chain.ts';
import { readCommitPayload } from '../../domain/commit-payload.ts';
import { fail } from '../../domain/errors/error.ts';
import { type CommittedModel, majorityModel, sameModel } from '../../domain/majority-model.ts';
import type { ValidatorSeat } from '../../domain/miner-plan.ts';
import type { Hotkey } from '../../domain/units.ts';
import type { MinerIoActivities } from './activities.ts';
import type { MinerIoDeps } from './deps.ts';

/** Whoever does not answer a ping in this time would not send hundreds of megabytes in time. */
const reachableMs = 3_000;

const byStake = (a: Neuron, b: Neuron): number => {
  const difference = BigInt(b.totalStakeRao) - BigInt(a.totalStakeRao);
  return difference > 0n ? 1 : difference < 0n ? -1 : a.uid - b.uid;
};

interface Candidate {
  readonly seat: ValidatorSeat;
  readonly stakeRao: string;
  readonly committed: CommittedModel | null;
}

/** The validators with a permit that serve an address, the ones with the most stake first. */
async function candidatesOf({ chain, netuid }: MinerIoDeps): Promise<readonly Candidate[]> {
  const { neurons, block } = await chain.snapshot(netuid);
  const commitments = await chain.commitments(netuid, block.number);
  return neurons
    .filter(({ validatorPermit }) => validatorPermit)
    .toSorted(byStake)
    .flatMap(({ hotkey, uid, axon, totalStakeRao: stakeRao }) => {
      if (!isServed(axon)) return [];
      const committed = committedModel(commitments.find((each) => each.hotkey === hotkey));
      const seat = { hotkey, uid, url: axonUrl(axon), committed };
      return [{ seat, stakeRao, committed }];
    });
}

/**
 * A validator to have the model from: the configured one; else, of those that committed the model that most stake
 * stands behind in the miner's group, the one with the most stake that answers. Before the first commitments of a
 * subnet the base is the same everywhere, and any of them will do.
 *
 * @throws OST_MINER_NO_VALIDATOR, after which it is looked for again
 */
export const findValidator = (deps: MinerIoDeps) => async (): ReturnType<MinerIoActivities['findValidator']> => {
  const { validatorHotkey, netuid, rules, log, hotkey } = deps;
  if (validatorHotkey !== null) return seatOf(deps, validatorHotkey);
  const candidates = await candidatesOf(deps);
  const model = majorityModel(candidates, rules.group);
  const qualified = candidates.filter(
    ({ committed }) => model === null || (committed !== null && sameModel(committed, model)),
  );
  for (const { seat } of qualified) {
    if (await answers(seat.url)) return seat;
    const fields = { event: 'validator_silent', hotkey, validator: seat.hotkey, url: seat.url };
    log.warn(fields, `Validator ${seat.hotkey} does not answer at ${seat.url}`);
  }
  throw fail('OST_MINER_NO_VALIDATOR', { netuid });
};

/** Whether anybody answers there. What the answer is does not matter: another program's server has other routes. */
async function answers(url: string): Promise<boolean> {
  try {
    const { body } = await request(`${url}/ping`, { signal: AbortSignal.timeout(reachableMs) });
    await body.dump();
    return true;
  } catch {
    return false;
  }
}

/** The validator of that hotkey, or, for null, the one with the most stake. @throws OST_MINER_NO_VALIDATOR */
export async function seatOf(deps: MinerIoDeps, wanted: Hotkey | null): Promise<ValidatorSeat> {
  const candidates = await candidatesOf(deps);
  const chosen = candidates.find(({ seat }) => wanted === null || seat.hotkey === wanted);
  if (chosen === undefined) throw fail('OST_MINER_NO_VALIDATOR', { netuid: deps.netuid });
  return chosen.seat;
}

/** The model that a validator's slot names: its hash commitment, or the heartbeat that repeats it. */
function committedModel(commitment: ChainCommitment | undefined): CommittedModel | null {
  if (commitment === undefined) return null;
  const payload = readCommitPayload(commitment.text);
  if (payload.kind !== 'hash' && payload.kind !== 'heartbeat') return null;
  const { modelHash, version, group } = payload;
  return modelHash === null ? null : { modelHash, version, group };
}
