import { type PhaseName, phaseRange } from '../../domain/phases.ts';
import { until } from './gate.ts';
import type { Stack } from './stack.ts';

/**
 * Plays one whole cycle on the gated chain: a block is built when everybody has done what the phase is for, so that
 * a run does not depend on how fast anybody is.
 */
export async function playCycle(stack: Stack, cycle: number, since: number): Promise<void> {
  const { gate, log, miners } = stack;
  const enter = (phase: PhaseName): Promise<void> => gate.to(phaseRange(stack.schedule, cycle, phase).start);
  const all = (event: string, fields: Readonly<Record<string, unknown>> = {}): Promise<unknown> =>
    Promise.all(miners.map((source) => log.wait({ source, event, fields, since })));
  const ofAll = (event: string, fields: Readonly<Record<string, unknown>> = {}): Promise<unknown> =>
    Promise.all(miners.map((name) => log.wait({ event, fields: { ...fields, hotkey: stack.hotkey(name) }, since })));

  await enter('Distribute');
  await all('slice_stored');
  await enter('Train');
  await all('training_done', { cycle });
  await enter('MinerCommit1');
  await gate.untilPending(miners.length + 1);
  await gate.build();
  await enter('MinerCommit2');
  await gate.untilPending(miners.length);
  await gate.build();
  await gate.to(phaseRange(stack.schedule, cycle, 'MinerCommit2').end);
  await enter('Submission');
  await ofAll('submission_accepted', { cycle });
  await log.wait({ event: 'submissions_evaluated', fields: { cycle }, since });
  await gate.to(phaseRange(stack.schedule, cycle, 'Validate').end);
  await enter('Merge');
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
  // Not its line in the log: a process that is killed right then may take that along, with the cycle done.
  const ledger = await stack.ledger();
  await until(`the record of cycle ${cycle}`, () => ledger.cycles.get(stack.validator, cycle));
}
