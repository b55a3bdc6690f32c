import { sharesOf } from '../guardrails.ts';
import { observes } from '../scores.ts';
import { dropScore } from '../scoring/rank-points.ts';
import { rankedStandings } from '../scoring/ranked.ts';
import { knownRule, type RankedRule, type RelativeDropEmaRule } from '../scoring/rule.ts';
import { scoringInputOf } from '../verify-cycle.ts';
import { percent, plain, type Step, type Subject } from './explanation.ts';

/** How the score came of it, and what the vector gives. */
export function scoringSteps(subject: Subject): readonly Step[] {
  return [scoreStep(subject), weightStep(subject)];
}

function scoreStep(subject: Subject): Step {
  const { record, score } = subject;
  const { name, version } = record.scoreRule;
  const refs = {
    rule: `${name} ${version}`,
    before: score?.before ?? null,
    observation: score?.observation ?? null,
    after: score?.after ?? null,
  };
  if (score === null) return { step: 'score', text: 'It has no score yet: nothing was ever observed of it.', refs };
  const rule = knownRule(record.scoreRule);
  if (rule === null)
    return { step: 'score', text: `Scored ${plain(score.after)} by a rule that is not known here.`, refs };
  if (!observes(record.result)) {
    return {
      step: 'score',
      text: `The cycle was ${record.result} and observed nobody: the score stays ${plain(score.after)}.`,
      refs,
    };
  }
  if (score.observation === null) {
    return { step: 'score', text: `Nothing was observed, so the score stays ${plain(score.after)}.`, refs };
  }
  const text = rule.name === 'ranked' ? rankedText(subject, rule) : emaText(subject, rule);
  return { step: 'score', text: `${idle(subject)}${text}`, refs };
}

const idle = ({ submission }: Subject): string =>
  submission === null ? 'It has a score and committed nothing in this cycle, which is observed as 0. ' : '';

function emaText({ score }: Subject, { alpha }: RelativeDropEmaRule): string {
  const { before = null, observation = 0, after = 0 } = score ?? {};
  if (before === null) return `Its first observation counts whole: the score is ${plain(after)}.`;
  return (
    `The score is ${plain(alpha)} · ${plain(before)} + ${plain(1 - alpha)} · ${plain(observation ?? 0)} = ` +
    `${plain(after)}.`
  );
}

function rankedText({ score, submission, state, hotkey }: Subject, _rule: RankedRule): string {
  const { observation = 0, after = 0 } = score ?? {};
  const points = state.past.flatMap((round) => round.points.filter((each) => each.hotkey === hotkey));
  const all = [observation ?? 0, ...points.map((each) => each.points)].slice(0, 8);
  const { lossBefore = null, lossAfter = null } = submission ?? {};
  const drop =
    lossBefore === null || lossAfter === null
      ? ''
      : ` (its drop as a score: ${plain(dropScore(lossBefore, lossAfter))})`;
  return (
    `It gets ${plain(observation ?? 0)} points in this cycle${drop}. ` +
    `The score is the mean of ${all.map(plain).join(', ')}: ${plain(after)}.`
  );
}

function weightStep(subject: Subject): Step {
  const { record, hotkey, write } = subject;
  const weight = record.vector.find((each) => each.hotkey === hotkey)?.weight ?? 0;
  const share = sharesOf(record.vector).get(hotkey) ?? 0;
  const standing = standingText(subject);
  const refs = {
    weight,
    key: record.weightsKey,
    block: write?.block ?? null,
    extrinsicHash: write?.extrinsicHash ?? null,
    decision: record.review?.decision ?? null,
  };
  const review =
    record.review === undefined ? '' : ` An operator or a guardrail looked at the vector: ${record.review.decision}.`;
  if (record.vector.length === 0) {
    return { step: 'weight', text: `${standing}No vector was asked for in this cycle.${review}`, refs };
  }
  const sent =
    write === null
      ? ''
      : write.block === null
        ? ` The vector is ${write.outcome}.`
        : ` The vector is in block ${write.block}${write.extrinsicHash === null ? '' : `, extrinsic ${write.extrinsicHash}`}.`;
  const text =
    weight === 0
      ? 'The vector gives it nothing.'
      : `The vector gives it ${weight} of 65535, a share of ${percent(share)}.`;
  return { step: 'weight', text: `${standing}${text}${sent}${review}`, refs };
}

/** Why a strategy that gives to few gives to this one, or does not. */
function standingText({ record, state, hotkey }: Subject): string {
  const rule = knownRule(record.scoreRule);
  if (rule?.name !== 'ranked') return '';
  const standings = rankedStandings(scoringInputOf(record, state), record.scores);
  if (standings === null) return 'Nobody is known well enough for the groups, so the vector follows the averages. ';
  const own = standings.find((each) => each.hotkey === hotkey);
  if (own === undefined) return '';
  const cohort = own.cohort === null ? 'in none of the groups that may earn' : `in group ${own.cohort.toUpperCase()}`;
  const recent = own.recent ? 'points in the last two cycles' : 'not points in both of the last two cycles';
  const earns =
    own.group === null
      ? 'It gets no share'
      : own.group === 'first'
        ? 'It is one of the three that share 98 %'
        : 'It is one of the five that share 2 %';
  return `It is ${cohort} with ${own.points} points kept and ${recent}. ${earns}. `;
}
