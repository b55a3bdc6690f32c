import { proxyActivities } from '@temporalio/workflow';
import type { CycleActivities } from '../../activities/cycle/activities.ts';
import type { SignerActivities } from '../../activities/signer/activities.ts';
import type { CyclePlan } from '../../domain/cycle-plan.ts';
import type { CycleRecord } from '../../domain/cycle-record.ts';
import { type PhaseName, type PhaseRange, phaseRange } from '../../domain/phases.ts';
import { type Blocks, blocks } from '../../domain/units.ts';
import type { Queues } from '../../temporal/ids.ts';
import { presets } from '../../temporal/presets.ts';
import type { BlockClock } from '../shared/block-clock.ts';
import type { ChainWrites } from '../shared/chain-writes.ts';
import type { CycleView } from './view.ts';

/** What every step of a cycle works with. */
export interface CycleContext {
  readonly chain: string;
  readonly plan: CyclePlan;
  readonly queues: Queues;
  readonly clock: BlockClock;
  readonly writes: ChainWrites;
  readonly view: CycleView;
  /** What was late or missed, for the record. */
  readonly notes: CycleRecord['notes'][number][];
}

/** The validator's activities, by the kind of work that decides their time limits. */
export const cycleActivities = (queues: Queues) => ({
  ledger: proxyActivities<CycleActivities>({ ...presets.ledger, taskQueue: queues.ledger }),
  // A roster of 256 miners is two historical reads and a signature check each.
  reads: proxyActivities<CycleActivities>({
    ...presets.chainRead,
    startToCloseTimeout: '2m',
    taskQueue: queues.ledger,
  }),
  device: proxyActivities<CycleActivities>({ ...presets.evaluate, taskQueue: queues.gpu }),
  signer: proxyActivities<SignerActivities>({ ...presets.sign, taskQueue: queues.signer }),
});

export const rangeOf = ({ plan }: CycleContext, phase: PhaseName): PhaseRange =>
  phaseRange(plan.schedule, plan.cycle, phase);

/**
 * The last block in which a commitment of this phase still counts: what is sent upon the phase's last block can only
 * be in the next one, and that is where everybody reads.
 */
export const lastBlockFor = (context: CycleContext, phase: PhaseName): Blocks =>
  blocks(rangeOf(context, phase).end + 1);

/** Waits for a phase and shows it; a phase that is over is noted as missed, and the work goes on with what there is. */
export async function enter(context: CycleContext, phase: PhaseName): Promise<'in time' | 'missed'> {
  const range = rangeOf(context, phase);
  const head = await context.clock.reach(range.start, phase);
  context.view.enter(phase, head.number);
  if (head.number <= range.end) return 'in time';
  context.notes.push({ phase, note: `missed: it ended at block ${range.end}, the head was at ${head.number}` });
  return 'missed';
}
