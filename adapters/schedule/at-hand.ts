import type { Schedule } from '../../domain/phases.ts';
import type { CapturedSchedule } from './captured.ts';
import type { ScheduleSource } from './source.ts';

/**
 * The schedule of the cycle at hand, for a process that plans none itself: what the planning process captured, and
 * before it captured anything what the settings or the owner's service give.
 */
export class ScheduleAtHand {
  readonly #captured: CapturedSchedule;
  #schedule: Schedule;

  private constructor(captured: CapturedSchedule, schedule: Schedule) {
    this.#captured = captured;
    this.#schedule = schedule;
  }

  /** @throws OST_SCHEDULE_UNKNOWN */
  static async open(source: ScheduleSource, captured: CapturedSchedule): Promise<ScheduleAtHand> {
    const schedule = (await captured.read())?.schedule ?? (await source.current()).schedule;
    return new ScheduleAtHand(captured, schedule);
  }

  get current(): Schedule {
    return this.#schedule;
  }

  /** Looks for what was captured since. Once a block is often enough: a change comes with a cycle's first block. */
  async refresh(): Promise<void> {
    const found = await this.#captured.read();
    if (found !== null) this.#schedule = found.schedule;
  }
}
