import { z } from 'zod';
import type { EvaluationFault, PulledFile, VerifyFault } from '../../activities/submission/activities.ts';
import type { WriteOutcome } from '../../domain/chain-write.ts';
import type { CycleResult } from '../../domain/cycle-record.ts';
import type { MergeResult } from '../../domain/merge/record.ts';
import { type MinerSummary, missedBecause } from '../../domain/miner-plan.ts';
import type { OutcomeKind } from '../../domain/outcome.ts';
import type { elsewhereReasons } from '../../domain/proof-of-loss.ts';
import type { RosterFault } from '../../domain/roster.ts';
import type * as workflows from '../../workflows/index.ts';
import type { Story } from './story.ts';

/** Every workflow type: the compiler asks for the ends of a new one. */
export type WorkflowType = keyof typeof workflows;

const cycleResults = {
  completed: ['completed'],
  no_improvement: ['no_improvement'],
  no_submissions: ['no_submissions'],
  abstained: ['abstained: most failed alike', 'abstained: commitments unknown'],
  missed: ['missed: nobody at work', 'missed: a step failed'],
} as const satisfies Record<CycleResult, readonly string[]>;

type Reason =
  | RosterFault
  | VerifyFault
  | EvaluationFault
  | Extract<PulledFile, { readonly kind: 'miner_fault' }>['reason']
  | (typeof elsewhereReasons)[keyof typeof elsewhereReasons];

/** Why a submission is not `ok`, with the outcome that the reason belongs to. */
export const submissionReasons = {
  malformed_commit: 'miner_fault',
  no_hash: 'miner_fault',
  no_signature: 'miner_fault',
  bad_signature: 'miner_fault',
  unknown_group: 'miner_fault',
  no_submission: 'miner_fault',
  not_there: 'miner_fault',
  bad_address: 'miner_fault',
  too_large: 'miner_fault',
  hash: 'miner_fault',
  expert_group_or_nan: 'miner_fault',
  malformed_file: 'miner_fault',
  shape: 'miner_fault',
  non_finite_loss: 'miner_fault',
  artifact_missing: 'our_fault',
  baseline: 'our_fault',
  ledger: 'our_fault',
  transfer: 'our_fault',
  verifier: 'our_fault',
  evaluator: 'our_fault',
  deadline: 'our_fault',
  server_absent: 'unknown',
  unreachable: 'unknown',
  peer_absent: 'unknown',
  no_time: 'unknown',
} as const satisfies Record<Reason, OutcomeKind> & Readonly<Record<string, OutcomeKind>>;

const minerResults = {
  submitted: ['submitted'],
  refused: ['refused'],
  missed: [...Object.values(missedBecause), 'a step failed'].map((why) => `missed: ${why}`),
} as const satisfies Record<MinerSummary['result'], readonly string[]>;

const mergeResults = {
  merged: ['merged: the only validator', 'merged: with others'],
  alone: ['alone'],
  nothing: ['nothing'],
  incomplete: ['incomplete'],
} as const satisfies Record<MergeResult, readonly string[]>;

/** Of the writer: what a deployment withholds is not asked of it. */
const writeOutcomes = {
  included: 'included',
  already: 'already',
  refused: 'refused',
  deadline: 'deadline',
  superseded: 'superseded',
} as const satisfies Record<Exclude<WriteOutcome['kind'], 'withheld'>, string>;

const run = (closing: Story['closing']): string => `the run is ${closing}`;

/** Every way in which a run of each workflow type, and what it stands for, can end. */
export const ends: Readonly<Record<WorkflowType, readonly string[]>> = {
  CycleWorkflow: [
    ...Object.values(cycleResults).flat(),
    ...(['completed', 'continued as new', 'cancelled', 'failed'] as const).map(run),
  ],
  SubmissionWorkflow: [
    'ok: pushed',
    'ok: pulled',
    'ok: of a peer',
    'ok: fetched again',
    ...Object.entries(submissionReasons).map(([reason, outcome]) => `${outcome}: ${reason}`),
    run('completed'),
  ],
  CohortWorkflow: ['all judged', 'cut off', run('completed')],
  MergeWorkflow: [...Object.values(mergeResults).flat(), ...(['completed', 'cancelled', 'failed'] as const).map(run)],
  MinerWorkflow: [
    ...Object.values(minerResults).flat(),
    ...(['completed', 'continued as new', 'cancelled', 'failed'] as const).map(run),
  ],
  ChainWriterWorkflow: [
    ...Object.values(writeOutcomes),
    'refused: retired',
    ...(['continued as new', 'cancelled', 'still open'] as const).map(run),
  ],
};

const cycleSchema = z.object({
  record: z.object({
    result: z.string(),
    seed: z.unknown(),
    notes: z.array(z.object({ note: z.string() })),
  }),
});
const recordSchema = z.object({ outcome: z.string(), reason: z.string().nullable() });
const mergeSchema = z.object({ record: z.object({ result: z.string(), peers: z.array(z.unknown()) }) });
const minedSchema = z.object({ result: z.string(), detail: z.string() });
const writeSchema = z.object({ outcome: z.object({ kind: z.string(), code: z.string().optional() }) });

const readers: Readonly<Record<WorkflowType, (story: Story) => readonly string[]>> = {
  CycleWorkflow: ({ asked }) => asked('finishCycle').map(cycleEnd),
  SubmissionWorkflow: (story) => (story.closing === 'completed' ? [submissionEnd(story)] : []),
  CohortWorkflow: ({ closing, result }) => {
    if (closing !== 'completed') return [];
    const isCutOff = ({ reason }: z.infer<typeof recordSchema>): boolean =>
      reason === 'deadline' || reason === 'no_time';
    return [z.array(recordSchema).parse(result).some(isCutOff) ? 'cut off' : 'all judged'];
  },
  MergeWorkflow: ({ closing, result }) => {
    if (closing !== 'completed') return [];
    const { record } = mergeSchema.parse(result);
    if (record.result !== 'merged') return [record.result];
    return [record.peers.length === 1 ? 'merged: the only validator' : 'merged: with others'];
  },
  MinerWorkflow: ({ asked }) => asked('noteCycle').map(minerEnd),
  ChainWriterWorkflow: ({ asked }) =>
    asked('recordWrite').flatMap((input) => {
      const { kind, code } = writeSchema.parse(input).outcome;
      return code === 'OST_WRITER_RETIRED' ? ['refused: retired'] : [kind];
    }),
};

/** The ends that a history of a workflow type shows. */
export const endsShown = (type: WorkflowType, story: Story): readonly string[] => [
  ...readers[type](story),
  run(story.closing),
];

export const isWorkflowType = (type: string): type is WorkflowType => Object.hasOwn(ends, type);

function cycleEnd(input: unknown): string {
  const { result, seed, notes } = cycleSchema.parse(input).record;
  if (result === 'abstained') return `abstained: ${seed === null ? 'commitments unknown' : 'most failed alike'}`;
  if (result !== 'missed') return result;
  return `missed: ${notes.some(({ note }) => note.startsWith('failed: ')) ? 'a step failed' : 'nobody at work'}`;
}

function submissionEnd({ result, asked }: Story): string {
  const { outcome, reason } = recordSchema.parse(result);
  if (reason !== null) return `${outcome}: ${reason}`;
  if (asked('verifySubmission').length > 1) return 'ok: fetched again';
  if (asked('fetchFromPeer').length > 0) return 'ok: of a peer';
  return asked('pullSubmission').length > 0 ? 'ok: pulled' : 'ok: pushed';
}

function minerEnd(input: unknown): string {
  const { result, detail } = minedSchema.parse(input);
  if (result !== 'missed') return result;
  return `missed: ${Object.values(missedBecause).some((why) => why === detail) ? detail : 'a step failed'}`;
}
