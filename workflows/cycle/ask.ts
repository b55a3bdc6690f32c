import type { ChainCall } from '../../domain/chain-write.ts';
import type { Blocks } from '../../domain/units.ts';
import { signs } from '../../domain/weights-rules.ts';
import { type CycleContext, cycleActivities } from './context.ts';

interface Asked {
  readonly key: string;
  readonly call: ChainCall;
  readonly deadline: Blocks | null;
}

/** Asks the writer, unless the deployment signs nothing: then the answer is there at once, and in dry-run on record. */
export async function askWriter({ plan, writes, queues }: CycleContext, asked: Asked): Promise<void> {
  const { mode } = plan.weights;
  if (signs(mode)) {
    await writes.ask(asked);
    return;
  }
  const { key, call } = asked;
  writes.answer(key, { kind: 'withheld', mode: mode === 'watch' ? 'watch' : 'dry-run' });
  if (mode === 'watch') return;
  const { ledger } = cycleActivities(queues);
  await ledger.recordWithheld.executeWithOptions({ summary: key }, [{ key, call }]);
}
