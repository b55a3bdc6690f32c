import { CancellationScope, condition, proxyActivities } from '@temporalio/workflow';
import type { PulledFile, SubmissionActivities } from '../../activities/submission/activities.ts';
import type { PulledLocation } from '../../domain/artifact-location.ts';
import type { SubmissionInput } from '../../domain/submission.ts';
import { blocks } from '../../domain/units.ts';
import { queuesOf } from '../../temporal/ids.ts';
import { presets } from '../../temporal/presets.ts';
import { BlockClock } from '../shared/block-clock.ts';

/** How often a server that is away is asked once the Submission phase is over: it may just be starting again. */
const lastAttempts = 3;

interface Pull {
  readonly location: PulledLocation;
  readonly modelHash: string;
  /** Enter it as the miner's submission. */
  readonly keep: boolean;
}

/**
 * Fetches the file while its miner may still push it, which is as good. Null where it was pushed; where it could not be
 * fetched, not before the Submission phase is over.
 */
export async function pulledUnlessPushed(
  input: SubmissionInput,
  pull: Pull,
  isPushed: () => boolean,
): Promise<PulledFile | null> {
  const scope = new CancellationScope();
  const pulling = scope.run(() => pulledFile(input, pull));
  pulling.catch(() => undefined);
  await Promise.race([condition(isPushed), pulling]);
  if (isPushed()) {
    scope.cancel();
    await pulling.catch(() => undefined);
    return null;
  }
  const pulled = await pulling;
  if (pulled.kind === 'file') return pulled;
  const clock = new BlockClock(queuesOf('validator', input.validator).chain, input.blockTimeMs);
  const over = clock.reach(blocks(input.window.end + 1), 'the Submission phase ends');
  await Promise.race([condition(isPushed), over]);
  return isPushed() ? null : pulled;
}

/**
 * Fetches the file from where the miner says that it is. What is not there is asked for once more when the Submission
 * phase is over, for until then a miner may bring its file; a server that is away is asked ever more rarely until then,
 * and a few times after. A fault that stays a fault comes back at once.
 */
export async function pulledFile(
  { entry, cycle, window, validator, blockTimeMs }: SubmissionInput,
  { location, modelHash, keep }: Pull,
): Promise<PulledFile> {
  const queues = queuesOf('validator', validator);
  const clock = new BlockClock(queues.chain, blockTimeMs);
  const activities = proxyActivities<SubmissionActivities>({ ...presets.transfer, taskQueue: queues.pull });
  const { hotkey, group } = entry;
  const summary = location.kind === 'http' ? location.url : `${location.repo}@${location.revision}`;
  const probed = { notThere: 0, late: 0 };
  for (let pause = 1; ; pause *= 2) {
    const pulled = await activities.pullSubmission.executeWithOptions({ summary }, [
      { cycle, hotkey, group, modelHash, location, keep },
    ]);
    if (pulled.kind === 'file' || pulled.kind === 'miner_fault') return pulled;
    const { number: block } = await clock.head();
    const over = block > window.end;
    if (pulled.kind === 'not_there') probed.notThere += 1;
    if (over) probed.late += 1;
    // The second time counts when the miner's time is over.
    if (over && (probed.notThere >= 2 || probed.late >= lastAttempts)) return pulled;
    const next = pulled.kind === 'later' ? Math.min(block + pause, window.end + 1) : window.end + 1;
    await clock.reach(blocks(over ? block + 1 : next), 'its server once more');
  }
}
