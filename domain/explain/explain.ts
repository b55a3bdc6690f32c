import { observes } from '../scores.ts';
import { type ExplainInput, type Explanation, plain, type Step, type Subject } from './explanation.ts';
import { judgingSteps } from './judging.ts';
import { scoringSteps } from './scoring.ts';

/**
 * Tells why a miner scored what it scored in one cycle, from that cycle's record and what its rule knew of the past.
 */
export function explain(input: ExplainInput): Explanation {
  const { record, hotkey } = input;
  const submission = record.submissions.find((each) => each.hotkey === hotkey) ?? null;
  const score = record.scores.find((each) => each.hotkey === hotkey) ?? null;
  const subject: Subject = { ...input, submission, score };
  const about = { hotkey, cycle: record.cycle, validator: record.hotkey };
  if (submission === null && score === null) {
    return { ...about, found: false, answer: absence(subject), steps: [cycleStep(input), whereStep(subject)] };
  }
  return {
    ...about,
    found: true,
    answer: answerOf(subject),
    steps: [cycleStep(input), ...judgingSteps(subject), ...scoringSteps(subject), whereStep(subject)],
  };
}

function answerOf({ record, submission, score }: Subject): string {
  const now = score === null ? 'It has no score' : `Its score is ${plain(score.after)}`;
  if (!observes(record.result)) return `${now}, because the cycle was ${record.result} and moved nobody's score.`;
  if (submission === null) return `${now}, because it did nothing in this cycle.`;
  const agreed = record.agreement?.values.find(({ hotkey }) => hotkey === submission.hotkey);
  if (agreed !== undefined) return `${now}, because the validators agreed on w_i ${plain(agreed.w)} for its file.`;
  switch (submission.outcome) {
    case 'ok':
      return `${now}, because its file was accepted with w_i ${plain(submission.w ?? 0)}.`;
    case 'miner_fault':
      return submission.copyOf === undefined
        ? `${now}, because its submission failed by its own fault (${submission.reason ?? 'unknown'}), observed as 0.`
        : `${now}, because its submission is a copy of that of ${submission.copyOf.hotkey}, observed as 0.`;
    case 'our_fault':
      return `${now}, as before: its submission could not be judged by our fault (${submission.reason ?? 'unknown'}).`;
    case 'unknown':
      return `${now}, as before: nothing is known of its submission here (${submission.reason ?? 'unknown'}).`;
  }
}

function absence({ record, hotkey }: Subject): string {
  if (hotkey === record.hotkey) return 'It is the validator itself, which judges the others and gets no score.';
  return record.result === 'missed'
    ? 'No validator worked on this cycle, so it holds nothing of anybody, and all scores stayed.'
    : 'It is not in this cycle: it committed nothing and had no score yet, or it was not registered on the subnet.';
}

function cycleStep({ record }: ExplainInput): Step {
  const { cycle, startBlock, endBlock, result, notes, schedule } = record;
  const said = notes.length === 0 ? '' : ` Noted: ${notes.map(({ phase, note }) => `${phase}: ${note}`).join('; ')}.`;
  return {
    step: 'cycle',
    text: `Cycle ${cycle} (${schedule.name}) took blocks ${startBlock} to ${endBlock}; its result is ${result}.${said}`,
    refs: {
      cycle,
      startBlock,
      endBlock,
      result,
      modelBefore: record.modelBefore.hash,
      modelAfter: record.modelAfter.hash,
    },
  };
}

function whereStep({ record, submission, root }: Subject): Step {
  const own = submission === null ? '' : `${submission.workflowId} in Temporal; `;
  return {
    step: 'where',
    text: `Look at ${own}the cycle is ${record.workflowId}, run ${record.runId}. Its Merkle root is ${root}.`,
    refs: { workflowId: submission?.workflowId ?? null, cycleWorkflowId: record.workflowId, runId: record.runId, root },
  };
}
