import { ActivityFailure } from '@temporalio/common';
import { CancellationScope, isCancellation, proxyActivities } from '@temporalio/workflow';
import type { AgreementActivities } from '../../activities/agreement/activities.ts';
import type { MergeActivities } from '../../activities/merge/activities.ts';
import { type AgreementDeadlines, agreementDeadlines } from '../../domain/agreement/deadlines.ts';
import type { AgreementSummary } from '../../domain/agreement/record.ts';
import { digestBody, tableBody, tableOf } from '../../domain/agreement/table.ts';
import type { SubmissionRecord } from '../../domain/cycle-record.ts';
import type { Peer, PeerDirectory } from '../../domain/peers/directory.ts';
import { bodyDigest, type PeerPurpose, type SignedPeerMessage } from '../../domain/peers/message.ts';
import { type Blocks, blocks } from '../../domain/units.ts';
import { codeOf, textOf } from '../../temporal/failures.ts';
import type { Queues } from '../../temporal/ids.ts';
import { presets } from '../../temporal/presets.ts';
import { PeerVoice } from '../merge/peers.ts';
import { type CycleContext, rangeOf } from './context.ts';

/**
 * Agrees with the other validators on what the miners did: everybody first shows the digest of a table, and the tables
 * only when all digests are there or their time is over, so that nobody can copy another's work. What comes of it are
 * medians by stake; whoever hears too little goes by its own values and says so.
 *
 * @returns null for a validator without peers, and where nothing could be asked
 */
export async function agreeOnScores(
  context: CycleContext,
  submissions: readonly SubmissionRecord[],
  abstains: boolean,
): Promise<AgreementSummary | null> {
  try {
    const agreement = await exchange(context, submissions, abstains);
    if (agreement !== null) context.view.agreed(agreement);
    if (agreement?.result === 'alone') note(context, 'fewer than half of the stake were heard, own values published');
    return agreement;
  } catch (error) {
    // What others say of the miners is no reason to say nothing oneself.
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
    note(context, `${error.activityType}: ${codeOf(error) ?? 'unknown'}: ${textOf(error)}, own values published`);
    return null;
  }
}

const note = ({ notes }: CycleContext, text: string): void => {
  notes.push({ phase: 'Merge', note: `scores: ${text}` });
};

async function exchange(
  context: CycleContext,
  submissions: readonly SubmissionRecord[],
  abstains: boolean,
): Promise<AgreementSummary | null> {
  const { plan, queues } = context;
  const { start } = rangeOf(context, 'Merge');
  const { reads, peers: talk, ledger } = agreementActivities(queues);
  const directory = await reads.readPeers.executeWithOptions({ summary: `validators at block ${start}` }, [
    { block: start },
  ]);
  const others = directory.peers.filter(({ hotkey }) => hotkey !== plan.hotkey);
  if (others.length === 0) return null;
  const { consensusTimeoutMs: timeoutMs, blockTimeMs } = plan;
  const deadlines = agreementDeadlines(plan.schedule, plan.cycle, { timeoutMs, blockTimeMs });
  const voice = PeerVoice.of(plan);
  const { salt } = await ledger.drawSalt.executeWithOptions({ summary: 'hides the table behind its digest' }, []);
  const body = tableBody(tableOf(submissions, { by: plan.hotkey, salt, abstains }));
  // Blocks are the rule. The clock is for a chain that stands still: then no table is shown too early.
  await within(timeoutMs, () => speak({ queues, voice, directory, others, deadlines, body }));
  const sources = await voice.access(others);
  return talk.agreeOnScores.executeWithOptions({ summary: `${others.length} other validators` }, [
    { cycle: voice.cycle, directory, sources, digestsBy: deadlines.digests, tablesBy: deadlines.tables },
  ]);
}

interface Speaking {
  readonly queues: Queues;
  readonly voice: PeerVoice;
  readonly directory: PeerDirectory;
  readonly others: readonly Peer[];
  readonly deadlines: AgreementDeadlines;
  /** The table. */
  readonly body: string;
}

/** Shows the digest, hears the others', shows the table, hears the others'. */
async function speak(speaking: Speaking): Promise<void> {
  const { voice, deadlines, body, others } = speaking;
  say(speaking, await voice.message('scores-digest', digestBody(bodyDigest(body))), deadlines.digests);
  let heard = await hearDigests(speaking, blocks(deadlines.digests - 1));
  // One block more than the deadline: others may see a head later, and must have closed the round, too.
  if (heard < others.length + 1) heard = await hearDigests(speaking, deadlines.digests);
  say(speaking, await voice.message('scores-table', body), deadlines.tables);
  await hear(speaking, 'scores-table', blocks(deadlines.tables - 1));
}

/** Waits for the digests, and asks peers for those that did not come by themselves. @returns how many are here */
async function hearDigests(speaking: Speaking, until: Blocks): Promise<number> {
  const { queues, voice, directory, others } = speaking;
  await hear(speaking, 'scores-digest', until);
  const sources = await voice.access(others);
  const { heard } = await agreementActivities(queues).peers.gatherDigests({ cycle: voice.cycle, directory, sources });
  return heard.length;
}

const hear = ({ queues, voice, others }: Speaking, purpose: PeerPurpose, until: Blocks): Promise<void> =>
  agreementActivities(queues).peers.awaitMessages.executeWithOptions({ summary: `${purpose} until block ${until}` }, [
    { purpose, cycle: voice.cycle, from: others.map(({ hotkey }) => hotkey), until },
  ]);

/** Not waited for: who cannot be reached has until the deadline, and it is the others that it must not hold up. */
function say({ queues, others }: Speaking, message: SignedPeerMessage, until: Blocks): void {
  const { peers } = agreementActivities(queues);
  peers.sayToPeers
    .executeWithOptions({ summary: `${message.purpose} until block ${until}` }, [{ message, peers: others, until }])
    .catch(() => undefined);
}

/** Does work, and gives it up when its time is over. */
async function within(ms: number, work: () => Promise<void>): Promise<void> {
  const outside = CancellationScope.current();
  try {
    await CancellationScope.withTimeout(ms, work);
  } catch (error) {
    if (!isCancellation(error) || outside.consideredCancelled) throw error;
  }
}

/** By the kind of work that decides the time limits. Nothing depends on how what talks to peers is given up. */
const agreementActivities = (queues: Queues) => ({
  ledger: proxyActivities<AgreementActivities>({ ...presets.ledger, taskQueue: queues.ledger }),
  reads: proxyActivities<MergeActivities>({
    ...presets.chainRead,
    startToCloseTimeout: '2m',
    taskQueue: queues.ledger,
  }),
  peers: proxyActivities<AgreementActivities & MergeActivities>({
    ...presets.transfer,
    cancellationType: 'TRY_CANCEL',
    taskQueue: queues.transfer,
  }),
});
