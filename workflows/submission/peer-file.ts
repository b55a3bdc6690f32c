import { proxyActivities } from '@temporalio/workflow';
import type { SignerActivities } from '../../activities/signer/activities.ts';
import type { PeerFile, SubmissionActivities } from '../../activities/submission/activities.ts';
import type { SubmissionInput, SubmissionSource } from '../../domain/submission.ts';
import { blocks } from '../../domain/units.ts';
import { queuesOf } from '../../temporal/ids.ts';
import { presets } from '../../temporal/presets.ts';
import { BlockClock } from '../shared/block-clock.ts';

/** How often a peer is asked once its miners' time is over: it may just be starting again. */
const lastAttempts = 3;

type Answer = Exclude<PeerFile, { readonly kind: 'sign_again' }>;

/**
 * Gets a miner's file from the validator that it is assigned to: at once where that one has it already, else when the
 * Submission phase is over. A peer that is away must not hold up the others that wait behind this one, so after a few
 * attempts, a block apart, the file is taken to be absent.
 */
export async function fileOfPeer(
  { entry, window, validator, blockTimeMs }: SubmissionInput,
  { validator: peer, cycleIndex }: Extract<SubmissionSource, { readonly kind: 'peer' }>,
): Promise<Answer> {
  const queues = queuesOf('validator', validator);
  const clock = new BlockClock(queues.chain, blockTimeMs);
  const signer = proxyActivities<SignerActivities>({ ...presets.sign, taskQueue: queues.signer });
  const transfer = proxyActivities<SubmissionActivities>({ ...presets.transfer, taskQueue: queues.transfer });
  const { hotkey } = entry;
  let late = 0;
  for (;;) {
    const { number: block } = await clock.head();
    const { signature } = await signer.signMessage.executeWithOptions({ summary: `to ${peer} at block ${block}` }, [
      { purpose: 'download', targetHotkey: peer, block },
    ]);
    const fetched = await transfer.fetchFromPeer.executeWithOptions({ summary: `${hotkey} from ${peer}` }, [
      { signed: { peer, block, signature }, hotkey, cycleIndex },
    ]);
    if (fetched.kind === 'file') return fetched;
    const over = block > window.end;
    if (fetched.kind === 'absent') {
      if (over) late += 1;
      if (late >= lastAttempts) return fetched;
    }
    await clock.reach(blocks(over || fetched.kind === 'sign_again' ? block + 1 : window.end + 1), 'the peer once more');
  }
}
