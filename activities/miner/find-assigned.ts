import { readCommitments } from '../../adapters/chain/cycle-commitments.ts';
import { assignCycle, validatorOf } from '../../domain/cycle-assignment.ts';
import { isOstinatoError } from '../../domain/errors/error.ts';
import type { Hotkey } from '../../domain/units.ts';
import type { MinerIoActivities } from './activities.ts';
import type { MinerIoDeps } from './deps.ts';
import { seatOf } from './find-validator.ts';

/**
 * Where the file goes: the configured validator, else the one that the cycle's assignment names, which every party
 * computes from the same blocks. One that serves no address gets it from nobody; then the one with the most stake is
 * asked, which may take it or not.
 */
export const findAssigned =
  (deps: MinerIoDeps): MinerIoActivities['findAssigned'] =>
  async (input) => {
    const { validatorHotkey, hotkey, log } = deps;
    const wanted = validatorHotkey ?? (await assigned(deps, input));
    try {
      return await seatOf(deps, wanted);
    } catch (error) {
      if (validatorHotkey !== null || wanted === null || !isOstinatoError(error, 'OST_MINER_NO_VALIDATOR')) throw error;
      log.warn(
        { event: 'validator_absent', hotkey, validator: wanted },
        `Validator ${wanted} serves no address on chain`,
      );
      return await seatOf(deps, null);
    }
  };

/** Null where nobody can tell: no validator, or no node that still has those blocks. */
async function assigned(
  { chain, netuid, hotkey, seedSource }: MinerIoDeps,
  { schedule, cycle }: Parameters<MinerIoActivities['findAssigned']>[0],
): Promise<Hotkey | null> {
  try {
    const commitments = await readCommitments(chain, netuid, schedule, cycle);
    return validatorOf(assignCycle(seedSource, commitments).assignment, hotkey);
  } catch (error) {
    if (isOstinatoError(error, 'OST_CHAIN_STATE_PRUNED')) return null;
    throw error;
  }
}
