import { type PhaseName, phaseRange } from '../../domain/phases.ts';
import { until } from './gate.ts';
import type { Stack } from './stack.ts';

/** Moments of a cycle at which a test may do something, such as kill somebody. Each is awaited. */
export interface Disturbances {
  /** The Train phase has begun; nobody is known to have trained yet. */
  readonly training?: () => Promise<void>;
  /** All commitments of MinerCommit1 wait in the pool for the next block. */
  readonly committing?: () => Promise<void>;
  /** Just before the block that begins Submission. */
  readonly beforeSubmission?: () => Promise<void>;
  /** Submission has begun. */
  readonly submission?: () => Promise<void>;
  /** Just before the block that begins Merge. */
  readonly beforeMerge?: () => Promise<void>;
  /** Merge has begun. */
  readonly merging?: () => Promise<void>;
  /** The block that ends the cycle was just built. */
  readonly ending?: () => Promise<void>;
}

/**
 * Plays one whole cycle on the gated chain: a block is built when everybody has done what the phase is for, so that
 * a run does not depend on how fast anybody is.
 */
export async function playCycle(stack: Stack, cycle: number, since: number, at: Disturbances = {}): Promise<void> {
  const { gate, log, miners } = stack;
  const enter = (phase: PhaseName): Promise<void> => gate.to(phaseRange(stack.schedule, cycle, phase).start);
  const all = (event: string, fields: Readonly<Record<string, unknown>> = {}): Promise<unknown> =>
    Promise.all(miners.map((source) => log.wait({ source, event, fields, since })));
  const ofAll = (event: string, fields: Readonly<Record<string, unknown>> = {}): Promise<unknown> =>
    Promise.all(miners.map((name) => log.wait({ event, fields: { ...fields, hotkey: stack.hotkey(name) }, since })));

  await enter('Distribute');
  await all('slice_stored');
  await enter('Train');
  await at.training?.();
  await all('training_done', { cycle });
  await enter('MinerCommit1');
  await gate.untilPending(miners.length + 1);
  await at.committing?.();
  await gate.build();
  await enter('MinerCommit2');
  await gate.untilPending(miners.length);
  await gate.build();
  await gate.to(phaseRange(stack.schedule, cycle, 'MinerCommit2').end);
  await at.beforeSubmission?.();
  await enter('Submission');
  await at.submission?.();
  await ofAll('submission_accepted', { cycle });
  await log.wait({ event: 'submissions_evaluated', fields: { cycle }, since });
  await gate.to(phaseRange(stack.schedule, cycle, 'Validate').end);
  await at.beforeMerge?.();
  await enter('Merge');
  await at.merging?.();
  await log.wait({ event: 'model_published', since });
  await gate.untilPending(1);
  await gate.build();
  await log.wait({ event: 'write_settled', fields: { call: 'set_weights' }, since });
  await enter('ValidatorCommit1');
  await gate.untilPending(1);
  await gate.build();
  await enter('ValidatorCommit2');
  await gate.untilPending(1);
  await gate.build();
  await gate.to(phaseRange(stack.schedule, cycle, 'ValidatorCommit2').end);
  await at.ending?.();
  // Not its line in the log: a process that is killed right then may take that along, with the cycle done.
  const ledger = await stack.ledger();
  await until(`the record of cycle ${cycle}`, () => ledger.cycles.get(stack.validator, cycle));
}
