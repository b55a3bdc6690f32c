import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';

/** Waits for the end of a child workflow that may not have been started yet. */
export async function judged({ workflow }: Client, id: string): Promise<void> {
  for (;;) {
    try {
      await workflow.getHandle(id).result();
      return;
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'WorkflowNotFoundError') throw error;
      await sleep(50);
    }
  }
}
