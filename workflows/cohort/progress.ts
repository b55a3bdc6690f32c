import { CancellationScope, getExternalWorkflowHandle, isCancellation, log } from '@temporalio/workflow';
import type { SubmissionRecord } from '../../domain/cycle-record.ts';
import { type SettledSubmission, settledOf } from '../../domain/submission.ts';
import { textOf } from '../../temporal/failures.ts';
import { submissionsSettled } from '../cycle/messages.ts';

/**
 * Tells the cycle of what is settled, for its page in the Temporal UI. One signal is on its way at a time, with all
 * that came up since the last: a signal for each would fill the very history that a cohort keeps short.
 */
export class Progress {
  readonly #cycle: string | null;
  #untold: SettledSubmission[] = [];
  #telling: Promise<void> | null = null;

  constructor(cycle: string | null) {
    this.#cycle = cycle;
  }

  settled(record: SubmissionRecord): void {
    this.#untold.push(settledOf(record));
    this.#telling ??= this.#tell().finally(() => {
      this.#telling = null;
    });
  }

  /** Resolves when no signal is on its way. What is untold by then is in the cohort's result. */
  async sent(): Promise<void> {
    this.#untold = [];
    await this.#telling;
  }

  async #tell(): Promise<void> {
    while (this.#untold.length > 0 && this.#cycle !== null) {
      const news = this.#untold;
      this.#untold = [];
      await signal(this.#cycle, news);
    }
  }
}

/** Only a picture of the state: a signal that does not arrive costs nobody anything. */
async function signal(workflowId: string, news: readonly SettledSubmission[]): Promise<void> {
  try {
    // The last ones come up while everything is being cancelled, and are as true as the others.
    await CancellationScope.nonCancellable(() =>
      getExternalWorkflowHandle(workflowId).signal(submissionsSettled, news),
    );
  } catch (error) {
    if (isCancellation(error)) return;
    log.info(`${workflowId} does not hear of ${news.length} submissions: ${textOf(error)}`, {
      event: 'progress_undeliverable',
    });
  }
}
