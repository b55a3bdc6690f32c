import type { AgreementSummary } from '../../domain/agreement/record.ts';
import { agreementText, peerText } from '../../domain/agreement/words.ts';
import type { CyclePlan } from '../../domain/cycle-plan.ts';
import type { CycleRecord } from '../../domain/cycle-record.ts';
import { cycleLength, type PhaseName, phaseRange } from '../../domain/phases.ts';
import type { Roster, RosterEntry } from '../../domain/roster.ts';
import type { SettledSubmission } from '../../domain/submission.ts';
import type { Hotkey } from '../../domain/units.ts';
import { type PendingWeights, tripText, type WeightsReview } from '../../domain/weights-review.ts';
import { writerId } from '../../temporal/ids.ts';
import type { Scored, Weighed } from './weights.ts';

/** What a cycle knows so far; each part is null until it has come to it. */
export interface CycleState {
  readonly chain: string;
  readonly plan: CyclePlan;
  readonly phase: PhaseName;
  readonly roster: Roster | null;
  readonly settled: ReadonlyMap<Hotkey, SettledSubmission>;
  /** What the validators say of the miners together. */
  readonly agreement: AgreementSummary | null;
  readonly scored: Scored | null;
  readonly weighed: Weighed | null;
  /** The vector that waits for an operator. */
  readonly pending: PendingWeights | null;
  readonly record: CycleRecord | null;
  readonly notes: CycleRecord['notes'];
}

/** The cycle as markdown, for the Temporal UI. */
export function cycleDetails(state: CycleState): string {
  const { plan, roster, notes } = state;
  const { start, end } = phaseRange(plan.schedule, plan.cycle, state.phase);
  const first = plan.cycle * cycleLength(plan.schedule);
  const last = first + cycleLength(plan.schedule) - 1;
  const seed = roster?.seed;
  return [
    `Validator \`${plan.hotkey}\` on subnet ${plan.netuid}: cycle ${plan.cycle}, blocks ${first}–${last} (schedule ${plan.schedule.name})`,
    '',
    `**Phase ${state.phase}**, blocks ${start}–${end}${state.record === null ? '' : `. Finished: **${state.record.result}**`}`,
    '',
    ...pendingLines(state),
    ...modelLines(state),
    ...(seed ? ['', `Combined seed \`${seed.combined}\` from ${seed.source.replace('_', ' ')}`] : []),
    ...minerTable(state),
    ...agreementLines(state),
    ...weightLines(state),
    ...(notes.length === 0 ? [] : ['', ...notes.map(({ phase, note }) => `- ${phase}: ${note}`)]),
  ].join('\n');
}

function modelLines({ plan, record }: CycleState): readonly string[] {
  const judged = `Submissions are judged against model \`${plan.model.hash}\`.`;
  if (record === null || record.modelAfter.hash === plan.model.hash) return [judged];
  const { heldOut, modelAfter } = record;
  const loss = heldOut === null ? '' : `, held-out loss ${heldOut.before.toFixed(4)} → ${heldOut.after.toFixed(4)}`;
  return [judged, '', `Merged into model \`${modelAfter.hash}\`${loss}.`];
}

/** The UI gives it half a page: short names, and reasons below it. */
const head = ['uid', 'miner', 'group', 'outcome', 'loss', 'w_i', 'score', 'weight'];

function minerTable({ roster, settled, scored, weighed }: CycleState): readonly string[] {
  if (roster === null) return ['', 'The miners’ commitments are read after MinerCommit2.'];
  if (roster.seed === null) return ['', 'No node has the state any more in which the miners’ commitments were.'];
  if (roster.entries.length === 0) return ['', 'No miner committed a hash in this cycle.'];
  const scores = new Map(scored?.scores.map((score) => [score.hotkey, score]));
  const weights = new Map((weighed?.asked ?? scored?.vector)?.map(({ hotkey, weight }) => [hotkey, weight]));
  const rows = roster.entries.map((entry) => {
    const { hotkey, uid, group } = entry;
    const record = settled.get(hotkey);
    return [
      String(uid),
      `\`${hotkey.slice(0, 6)}…\``,
      group < 0 ? '' : String(group),
      record?.outcome ?? (entry.fault === null ? 'committed' : 'miner_fault'),
      change(record?.lossBefore, record?.lossAfter),
      fixed(record?.w),
      fixed(scores.get(hotkey)?.after),
      scored === null ? '' : String(weights.get(hotkey) ?? 0),
    ];
  });
  const why = roster.entries.flatMap((entry) => whyOf(entry, settled.get(entry.hotkey)));
  return ['', line(head), line(head.map(() => '---')), ...rows.map(line), ...(why.length === 0 ? [] : ['', ...why])];
}

/** No-break spaces, because the UI sets its tables without any room between columns. */
const line = (cells: readonly string[]): string =>
  `| ${cells.map((cell) => (cell === '---' ? cell : `${cell}\u00a0\u00a0`)).join(' | ')} |`;
const fixed = (value: number | null | undefined): string => (value == null ? '' : value.toFixed(4));
const change = (before: number | null | undefined, after: number | null | undefined): string =>
  before == null || after == null ? '' : `${fixed(before)}\u00a0→\u00a0${fixed(after)}`;

function whyOf({ uid, hotkey, fault }: RosterEntry, record: SettledSubmission | undefined): readonly string[] {
  const { reason, detail } = record ?? fault ?? { reason: null, detail: null };
  return reason === null ? [] : [`- uid ${uid} (\`${hotkey}\`): ${reason}${detail === null ? '' : `, ${detail}`}`];
}

/** What an operator has to know to decide, first of all things on the page. */
function pendingLines({ pending }: CycleState): readonly string[] {
  if (pending === null) return [];
  const rows = pending.changes
    .filter(({ before, after }) => before !== after)
    .map(({ hotkey, before, after }) => [`\`${hotkey}\``, percent(before), percent(after)]);
  const why = pending.trips.length === 0 ? [`the mode is ${pending.mode}`] : pending.trips.map(tripText);
  return [
    `**The weights wait for an operator until block ${pending.deadline}**, then: ${pending.policy.replace('_', ' ')}.`,
    '',
    ...why.map((text) => `- ${text}`),
    '',
    ...(rows.length === 0 ? [] : [['miner', 'last vector', 'this vector'], ['---', '---', '---'], ...rows].map(line)),
    '',
    `Decide with \`ostinato weights approve | amend | veto --cycle ${pending.cycle}\`.`,
    '',
  ];
}

/** The agreement in one sentence, and below it whoever does not say the same. */
function agreementLines({ agreement }: CycleState): readonly string[] {
  if (agreement === null) return [];
  const others = agreement.peers.filter(({ outcome }) => outcome !== 'agreed');
  return [
    '',
    `${agreementText(agreement)}.`,
    ...(others.length === 0 ? [] : ['', ...others.map((each) => `- ${peerText(each)}`)]),
  ];
}

const percent = (share: number): string => `${(share * 100).toFixed(1)}\u00a0%`;

function weightLines({ chain, plan, weighed }: CycleState): readonly string[] {
  if (weighed === null) return [];
  const { review } = weighed;
  const decided = review === null ? [] : ['', reviewText(review)];
  if (weighed.key === null) {
    return review === null
      ? ['', 'No weights are set: no score is positive.']
      : [...decided, '', 'No weights are set.'];
  }
  return [
    ...decided,
    '',
    `Weights are asked for under the key \`${weighed.key}\`; what became of them is in \`${writerId(chain, plan.hotkey)}\`.`,
  ];
}

function reviewText({ decision, trips, by, reason, departed }: WeightsReview): string {
  const why = trips.map(tripText).join('; ');
  return [
    `Weights **${decision.replace('_', ' ')}**${by === null ? '' : ` by ${by}`}${reason === null ? '' : `: ${reason}`}.`,
    ...(why === '' ? [] : [`Held back because ${why}.`]),
    ...(departed.length === 0 ? [] : [`Left out, for they lost their uid: ${departed.join(', ')}.`]),
  ].join(' ');
}
