import type { ValidatorDeps } from '../cycle/deps.ts';
import type { SubmissionActivities } from './activities.ts';

/**
 * Looks up what the model server took. A miner that sent nothing is only to blame where the server was there for the
 * whole phase to take it.
 */
export const findSubmission =
  ({ ledger, chainName, netuid, hotkey: validator }: ValidatorDeps): SubmissionActivities['findSubmission'] =>
  async ({ cycle, hotkey, window }) => {
    const receipt = await ledger.submissions.find({ chain: chainName, netuid, validator, cycle, hotkey });
    if (receipt === null) {
      return { file: null, served: await ledger.presence.covers('server', window.start, window.end) };
    }
    const { digest, bytes, receivedAtBlock } = receipt;
    return { file: { digest, bytes, block: receivedAtBlock } };
  };
