import { ApplicationFailure } from '@temporalio/common';
import type { PulledFile, ReceivedFile } from '../../../activities/submission/activities.ts';
import { minerFault, ok, ourFault } from '../../../domain/outcome.ts';
import { elsewhereReasons } from '../../../domain/proof-of-loss.ts';
import type { RosterEntry, RosterFault } from '../../../domain/roster.ts';
import type { SubmissionInput } from '../../../domain/submission.ts';
import { blocks, hotkey, milliseconds, netuid } from '../../../domain/units.ts';
import { submissionId } from '../../../temporal/ids.ts';
import { type SubmissionWorkflow, submissionReceived } from '../../../workflows/submission.ts';
import { called, untilCancelled } from '../../workflows/fakes/chain.ts';
import { base, miner, type ValidatorFakes, validatorScenario } from '../../workflows/fakes/validator.ts';
import type { Scene, Stage } from './stage.ts';

interface Play {
  readonly entry?: RosterEntry;
  readonly activities?: Partial<ValidatorFakes>;
  readonly source?: SubmissionInput['source'];
  /** Where the chain stands; the first block of Submission where left out. */
  readonly head?: number;
}

async function begin({ validator }: Stage, label: string, { entry = miner(1), activities, source, head = 36 }: Play) {
  const { fakes } = validatorScenario({ head, allowed: 60, ...(activities === undefined ? {} : { activities }) });
  validator.scripts.set(label, fakes);
  const input: SubmissionInput = {
    chain: label,
    netuid: netuid(1),
    validator: validator.hotkey,
    cycle: 0,
    cycleIndex: 0,
    entry,
    source: source ?? { kind: 'own' },
    window: { start: blocks(36), end: blocks(43) },
    blockTimeMs: milliseconds(0),
    model: base,
    batch: { group: entry.group, rows: [1, 2, 3], batchSize: 2 },
    seed: 'ab'.repeat(32),
  };
  return validator.client.workflow.start<typeof SubmissionWorkflow>('SubmissionWorkflow', {
    workflowId: submissionId(label, 1, validator.hotkey, 0, entry.hotkey),
    taskQueue: validator.queue,
    args: [input],
  });
}

/** A submission that ends by itself. */
const scene = (name: string, play: Play): Scene => ({
  label: `submission-${name}`,
  play: async (stage, label) => shownBy(name, await begin(stage, label, play)),
});

async function shownBy(name: string, handle: Awaited<ReturnType<typeof begin>>) {
  await handle.result();
  return { [`SubmissionWorkflow/${name}`]: { workflowId: handle.workflowId } };
}

/** One whose file the model server tells of while it is waited for. */
const signalled = (name: string): Scene => ({
  label: `submission-${name}`,
  play: async (stage, label) => {
    const looking = called(async () => nothing);
    const handle = await begin(stage, label, { activities: { findSubmission: looking.run } });
    await looking.promise;
    await handle.signal(submissionReceived, file);
    return shownBy(name, handle);
  },
});

/** One that is still being evaluated when the time is over. */
const cutOff = (name: string, play: Play = {}): Scene => ({
  label: `submission-${name}`,
  play: async (stage, label) => {
    const evaluating = called(() => untilCancelled());
    const handle = await begin(stage, label, { ...play, activities: { evaluateSubmission: evaluating.run } });
    await evaluating.promise;
    await handle.cancel();
    return shownBy(name, handle);
  },
});

/** After Submission, when nobody is waited for any more. */
const over = 44;
const lost = ourFault('artifact_missing', 'the file is missing in our store');
const nothing = { file: null, served: true } as const;
const file: ReceivedFile = { digest: 'signalled', bytes: 10, block: blocks(38) };
const served = miner(1, { artifact: { kind: 'http', url: 'http://miner/file' } });
const peer = { kind: 'peer', validator: hotkey('5Peer'), cycleIndex: 0 } as const;
const broken = async (): Promise<never> => {
  throw ApplicationFailure.nonRetryable('another attempt would give the same', 'OST_ARTIFACT_MISSING');
};

/** A commitment of no use. */
const refused = (reason: RosterFault): Scene =>
  scene(reason, { entry: miner(1, { modelHash: null, fault: { reason, detail: 'as the roster says' } }) });

/** A file that the miner serves, and what fetching it comes to. */
const pulled = (name: string, answer: Exclude<PulledFile, { readonly kind: 'file' }>): Scene =>
  scene(name, {
    entry: served,
    head: over,
    activities: { findSubmission: async () => nothing, pullSubmission: async () => answer },
  });
const pullFault = (reason: Extract<PulledFile, { readonly kind: 'miner_fault' }>['reason']): Scene =>
  pulled(reason, { kind: 'miner_fault', reason, detail: 'as the server’s answer says' });

/** One whose file our own disk lost, and which is judged all the same. */
const fetchedAgain = (name: string): Scene => ({
  label: `submission-${name}`,
  play: async (stage, label) => {
    let verified = 0;
    const activities: Partial<ValidatorFakes> = {
      verifySubmission: async () => (verified++ === 0 ? lost : ok({ sketch: null })),
      fetchFromPeer: async () => ({ kind: 'file', digest: 'file of 5Miner1', bytes: 10 }),
    };
    return shownBy(name, await begin(stage, label, { activities }));
  },
});

/** Every way in which a submission can end, by the reason that its record gets; `ok` by where the file came from. */
export const submissionScenes: readonly Scene[] = [
  signalled('ok-signalled'),
  scene('ok-pulled', { entry: served, activities: { findSubmission: async () => nothing } }),
  scene('ok-of-a-peer', { source: peer }),
  fetchedAgain('ok-fetched-again'),

  refused('malformed_commit'),
  refused('no_hash'),
  refused('no_signature'),
  refused('bad_signature'),
  refused('unknown_group'),

  pullFault('bad_address'),
  pullFault('too_large'),
  pulled('not_there', { kind: 'not_there', detail: '404' }),
  pulled('unreachable', { kind: 'later', detail: 'connection refused' }),
  scene('no_submission', { activities: { findSubmission: async () => nothing } }),
  scene('server_absent', { activities: { findSubmission: async () => ({ file: null, served: false }) } }),
  scene(elsewhereReasons.absent, {
    source: peer,
    head: over,
    activities: { fetchFromPeer: async () => ({ kind: 'absent', detail: 'away' }) },
  }),

  ...(['hash', 'expert_group_or_nan', 'malformed_file'] as const).map((reason) =>
    scene(reason, { activities: { verifySubmission: async () => minerFault(reason, 'as the verifier says') } }),
  ),
  scene('artifact_missing', {
    head: over,
    activities: {
      verifySubmission: async () => lost,
      fetchFromPeer: async () => ({ kind: 'absent', detail: 'away' }),
    },
  }),
  ...(['shape', 'non_finite_loss'] as const).map((reason) =>
    scene(reason, { activities: { evaluateSubmission: async () => minerFault(reason, 'as the evaluator says') } }),
  ),
  scene('baseline', {
    activities: { evaluateSubmission: async () => ourFault('baseline', 'the base has no finite loss') },
  }),

  scene('ledger', { activities: { findSubmission: broken } }),
  scene('transfer', { entry: served, activities: { findSubmission: async () => nothing, pullSubmission: broken } }),
  scene('verifier', { activities: { verifySubmission: broken } }),
  scene('evaluator', { activities: { evaluateSubmission: broken } }),
  cutOff('deadline'),
  cutOff(elsewhereReasons.noTime, { source: peer }),
];
