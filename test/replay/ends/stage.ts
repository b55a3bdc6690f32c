import type { Client } from '@temporalio/client';
import type { Hotkey } from '../../../domain/units.ts';
import type { MinerFakes } from '../../workflows/fakes/miner.ts';
import type { ValidatorFakes } from '../../workflows/fakes/validator.ts';

/** The running workers of one role in a namespace of their own, and the scripts that they play. */
export interface Cast<A extends object> {
  readonly client: Client;
  readonly hotkey: Hotkey;
  /** The queue of its workflows. */
  readonly queue: string;
  /** Activities by the chain label of the workflows that they are for. */
  readonly scripts: Map<string, A>;
}

/** A Temporal server with real workflows whose activities are scripted. */
export interface Stage {
  readonly validator: Cast<ValidatorFakes>;
  readonly miner: Cast<MinerFakes>;
}

/** A workflow run whose history is to be kept; the newest run where none is named. */
export interface Shown {
  readonly workflowId: string;
  readonly runId?: string;
}

/**
 * One way to end, played on a stage. Its label is the chain of its workflows; what it gives are the runs that show the
 * end, by the names of their histories (`<WorkflowType>/<scenario>`).
 */
export interface Scene {
  readonly label: string;
  readonly play: (stage: Stage, label: string) => Promise<Readonly<Record<string, Shown>>>;
}

/** Waits for something that a script or a workflow does. */
export async function until(done: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await done())) await new Promise((resolve) => setTimeout(resolve, 50));
}

/** Waits for a run's end, whatever it is. */
export const ended = (handle: { result(): Promise<unknown> }): Promise<unknown> => handle.result().catch(() => null);
