import { log, setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import type { CyclePlan } from '../../domain/cycle-plan.ts';
import type { CycleRecord, SubmissionRecord } from '../../domain/cycle-record.ts';
import { type PhaseName, phaseRange } from '../../domain/phases.ts';
import type { Roster } from '../../domain/roster.ts';
import type { Blocks } from '../../domain/units.ts';
import { searchAttributeKeys as keys } from '../../temporal/search-attribute-keys.ts';

/** What a stranger sees of a cycle in the Temporal UI, and what the log says of it. */
export class CycleView {
  readonly #plan: CyclePlan;
  #phase: PhaseName = 'Distribute';
  #roster: Roster | null = null;
  #submissions: readonly SubmissionRecord[] = [];
  #weights = '';

  constructor(plan: CyclePlan) {
    this.#plan = plan;
    upsertSearchAttributes([
      { key: keys.hotkey, value: plan.hotkey },
      { key: keys.netuid, value: String(plan.netuid) },
      { key: keys.role, value: 'validator' },
      { key: keys.cycleNumber, value: plan.cycle },
    ]);
  }

  enter(phase: PhaseName, block: Blocks): void {
    this.#phase = phase;
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
    this.#show();
  }

  froze(roster: Roster): void {
    this.#roster = roster;
    const found = roster.entries.filter(({ fault }) => fault === null).length;
    log.info(`Found ${found} committed hashes for this cycle`, {
      event: 'roster_frozen',
      found,
      cycle: this.#plan.cycle,
    });
    this.#show();
  }

  judged(submissions: readonly SubmissionRecord[], tookMs: number): void {
    this.#submissions = submissions;
    const evaluated = submissions.filter(({ w }) => w !== null).length;
    const minutes = (tookMs / 60_000).toFixed(1);
    log.info(`Evaluated ${evaluated}/${submissions.length} submissions in ${minutes} minutes`, {
      event: 'submissions_evaluated',
      evaluated,
      of: submissions.length,
      cycle: this.#plan.cycle,
    });
    this.#show();
  }

  weighed(text: string): void {
    this.#weights = text;
    this.#show();
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
  }

  #show(): void {
    const { hotkey, cycle, netuid, schedule } = this.#plan;
    const range = phaseRange(schedule, cycle, this.#phase);
    const seed = this.#roster?.seed;
    setCurrentDetails(
      [
        `Validator \`${hotkey}\` on subnet ${netuid}, cycle ${cycle} (schedule ${schedule.name})`,
        '',
        `**Phase ${this.#phase}**, blocks ${range.start}–${range.end}`,
        ...(seed ? ['', `Combined seed \`${seed.combined}\` from ${seed.source}`] : []),
        ...this.#table(),
        ...(this.#weights === '' ? [] : ['', this.#weights]),
      ].join('\n'),
    );
  }

  #table(): readonly string[] {
    const rows = this.#submissions.length > 0 ? this.#submissions : (this.#roster?.entries ?? []);
    if (rows.length === 0) return [];
    const lines = rows.map((row) => {
      const record = 'outcome' in row ? row : null;
      const why = 'fault' in row ? (row.fault?.reason ?? '') : (row.reason ?? '');
      return `| ${row.uid} | \`${row.hotkey.slice(0, 8)}…\` | ${row.group} | ${record?.outcome ?? 'committed'} | ${record?.w?.toFixed(4) ?? ''} | ${why} |`;
    });
    return ['', '| uid | miner | group | outcome | w_i | why |', '| --- | --- | --- | --- | --- | --- |', ...lines];
  }
}
