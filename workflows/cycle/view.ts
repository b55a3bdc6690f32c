import { log, setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import type { AgreementSummary } from '../../domain/agreement/record.ts';
import { agreementText, peerText } from '../../domain/agreement/words.ts';
import type { CyclePlan } from '../../domain/cycle-plan.ts';
import type { CycleRecord, SubmissionRecord } from '../../domain/cycle-record.ts';
import { type PhaseName, phaseRange } from '../../domain/phases.ts';
import type { Roster } from '../../domain/roster.ts';
import type { SettledSubmission } from '../../domain/submission.ts';
import type { Blocks, Hotkey } from '../../domain/units.ts';
import { type Decision, type PendingWeights, tripText } from '../../domain/weights-review.ts';
import { searchAttributeKeys as keys } from '../../temporal/search-attribute-keys.ts';
import { type CycleState, cycleDetails } from './details.ts';
import type { Scored, Weighed } from './weights.ts';

/** What a stranger sees of a cycle in the Temporal UI, and what the log says of it. */
export class CycleView {
  readonly #plan: CyclePlan;
  readonly #settled = new Map<Hotkey, SettledSubmission>();
  #state: CycleState;

  /** @param notes what was late or missed; the cycle goes on adding to it */
  constructor(chain: string, plan: CyclePlan, notes: CycleRecord['notes']) {
    this.#plan = plan;
    this.#state = {
      chain,
      plan,
      phase: 'Distribute',
      roster: null,
      settled: this.#settled,
      agreement: null,
      scored: null,
      weighed: null,
      pending: null,
      record: null,
      notes,
    };
    upsertSearchAttributes([
      { key: keys.hotkey, value: plan.hotkey },
      { key: keys.netuid, value: String(plan.netuid) },
      { key: keys.role, value: 'validator' },
      { key: keys.cycleNumber, value: plan.cycle },
      // A run inherits the attributes of the one before, whose outcome is not its own.
      { key: keys.outcome, value: null },
    ]);
  }

  /** The phase that was entered last. */
  get phase(): PhaseName {
    return this.#state.phase;
  }

  enter(phase: PhaseName, block: Blocks): void {
    upsertSearchAttributes([{ key: keys.phase, value: phase }]);
    const { end } = phaseRange(this.#plan.schedule, this.#plan.cycle, phase);
    const name = phase.replace(/(?<=[a-z])(?=[A-Z0-9])/g, '_').toUpperCase();
    log.info(`Current block: ${block} | Phase: ${name}`, {
      event: 'phase_entered',
      block,
      phase,
      cycle: this.#plan.cycle,
      blocksLeft: Math.max(0, end - block),
    });
    if (phase === 'Submission') log.info(`Submit phase opened at block ${block}`, { event: 'submit_opened', block });
    this.#show({ phase });
  }

  froze(roster: Roster): void {
    const found = roster.entries.filter(({ fault }) => fault === null).length;
    log.info(`Found ${found} committed hashes for this cycle`, {
      event: 'roster_frozen',
      found,
      cycle: this.#plan.cycle,
    });
    this.#show({ roster });
  }

  /** Some submissions are judged; the others are not waited for. */
  settled(submissions: readonly SettledSubmission[]): void {
    for (const submission of submissions) this.#settled.set(submission.hotkey, submission);
    this.#show({});
  }

  judged(submissions: readonly SubmissionRecord[], tookMs: number): void {
    const evaluated = submissions.filter(({ w }) => w !== null).length;
    const minutes = (tookMs / 60_000).toFixed(1);
    log.info(`Evaluated ${evaluated}/${submissions.length} submissions in ${minutes} minutes`, {
      event: 'submissions_evaluated',
      evaluated,
      of: submissions.length,
      cycle: this.#plan.cycle,
    });
    for (const submission of submissions) this.#settled.set(submission.hotkey, submission);
    this.#show({});
  }

  /** What the validators say together; whoever's table is not like this one's is named. */
  agreed(agreement: AgreementSummary): void {
    for (const peer of agreement.peers) {
      const { hotkey, outcome, detail } = peer;
      if (outcome !== 'agreed') log.warn(peerText(peer), { event: 'score_table', hotkey, outcome, detail });
    }
    const { full, result, values, contested, heardRao, totalRao } = agreement;
    const counts = { agreed: values.length, contested: contested.length, heardRao, totalRao };
    const fields = { event: 'scores_agreed', cycle: this.#plan.cycle, full, result, ...counts };
    if (result === 'agreed') log.info(agreementText(agreement), fields);
    else log.warn(agreementText(agreement), fields);
    this.#show({ agreement });
  }

  scored(scored: Scored): void {
    this.#show({ scored });
  }

  weighed(weighed: Weighed): Weighed {
    this.#show({ weighed });
    return weighed;
  }

  /** A vector waits: found by the search attribute, told by the details, and one line in the log. */
  needsOperator(pending: PendingWeights): void {
    upsertSearchAttributes([
      { key: keys.needsOperator, value: true },
      { key: keys.reason, value: pending.trips[0]?.kind ?? pending.mode },
    ]);
    const why = pending.trips.map(tripText).join('; ') || `mode ${pending.mode}`;
    log.warn(`Weights of cycle ${pending.cycle} wait for an operator until block ${pending.deadline}: ${why}`, {
      event: 'weights_need_operator',
      cycle: pending.cycle,
      deadline: pending.deadline,
      trips: pending.trips,
    });
    this.#show({ pending });
  }

  decided(pending: PendingWeights, { kind, by, reason }: Decision): void {
    upsertSearchAttributes([
      { key: keys.needsOperator, value: false },
      { key: keys.reason, value: null },
    ]);
    log.info(`Weights of cycle ${pending.cycle}: ${kind}${by === null ? '' : ` by ${by}`}`, {
      event: 'weights_decided',
      cycle: pending.cycle,
      decision: kind,
      by,
      reason,
    });
    this.#show({ pending: null });
  }

  finished(record: CycleRecord, merkleRoot: string): void {
    upsertSearchAttributes([{ key: keys.outcome, value: record.result }]);
    log.info(`Cycle ${record.cycle} finished: ${record.result}`, {
      event: 'cycle_finished',
      cycle: record.cycle,
      result: record.result,
      modelHash: record.modelAfter.hash,
      merkleRoot,
    });
    // Missed cycles before this one are recorded here too.
    if (record.cycle === this.#plan.cycle) this.#show({ record });
  }

  #show(change: Partial<CycleState>): void {
    this.#state = { ...this.#state, ...change };
    setCurrentDetails(cycleDetails(this.#state));
  }
}
