import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import { openLedger } from '../../adapters/ledger/open.ts';
import { fail } from '../../domain/errors/error.ts';
import { sharesOf } from '../../domain/guardrails.ts';
import {
  type OperatorVerb,
  type PendingWeights,
  percent,
  tripText,
  type WeightsReview,
} from '../../domain/weights-review.ts';
import { codeOf, textOf } from '../../temporal/failures.ts';
import { decideWeights, pendingWeights } from '../../workflows/cycle/messages.ts';
import type { CommonOptions } from '../deployment.ts';
import { textTable } from '../table.ts';
import { openCycle } from './cycle.ts';

type Write = (line: string) => void;
type Verb = OperatorVerb extends infer V ? (V extends unknown ? Omit<V, 'by'> : never) : never;

export async function showWeights(options: CommonOptions & { readonly last: number }, write: Write): Promise<void> {
  const opened = await openCycle(options);
  await using deployment = opened.deployment;
  const pending = await waiting(await opened.handle());
  if (pending === null) write('No vector waits for an operator.');
  else tellPending(pending, write);
  const ledger = await openLedger({ file: join(deployment.folder, 'ledger.sqlite') });
  deployment.defer(() => ledger.close());
  for (const line of await ledger.cycles.list({ hotkey: opened.input.hotkey, limit: options.last })) {
    const stored = await ledger.cycles.get(line.hotkey, line.cycle, line);
    if (stored === null) continue;
    const { record } = stored;
    write(`Cycle ${record.cycle}: ${record.review === undefined ? plain(record.vector.length) : told(record.review)}`);
    const shares = [...sharesOf(record.vector)].map(([hotkey, share]) => [hotkey, percent(share)]);
    if (shares.length > 0) write(textTable(['hotkey', 'share'], shares));
  }
}

export async function decideOnWeights(
  verb: Verb,
  options: CommonOptions & { readonly cycle?: number; readonly by?: string },
  write: Write,
): Promise<void> {
  const opened = await openCycle(options);
  await using _ = opened.deployment;
  const handle = await opened.handle();
  const cycle = options.cycle ?? (await waiting(handle))?.cycle;
  if (cycle === undefined) throw fail('OST_WEIGHTS_NOTHING_PENDING', { cycle: 'any' });
  const by = options.by ?? `${userInfo().username}@${hostname()}`;
  try {
    const decision = await handle.executeUpdate(decideWeights, { args: [{ cycle, verb: { ...verb, by } }] });
    write(`Weights of cycle ${cycle}: ${decision.replace('_', ' ')} by ${by}`);
  } catch (error) {
    const cause: unknown = error instanceof Error ? error.cause : undefined;
    const code = codeOf(cause);
    if (code === 'OST_WEIGHTS_NOTHING_PENDING') throw fail(code, { cycle });
    if (code === 'OST_WEIGHTS_DECISION') throw fail(code, { problem: textOf(cause) });
    throw error;
  }
}

/** Null as well where no cycle was ever started. */
async function waiting(handle: WorkflowHandle): Promise<PendingWeights | null> {
  try {
    return await handle.query(pendingWeights);
  } catch (error) {
    if (error instanceof Error && error.name === 'WorkflowNotFoundError') return null;
    throw error;
  }
}

function tellPending(pending: PendingWeights, write: Write): void {
  const then = pending.policy.replace('_', ' ');
  write(`The vector of cycle ${pending.cycle} waits until block ${pending.deadline}; then: ${then}.`);
  for (const trip of pending.trips) write(`  ${tripText(trip)}`);
  if (pending.trips.length === 0) write(`  the mode is ${pending.mode}`);
  const rows = pending.changes.map(({ hotkey, before, after }) => [hotkey, percent(before), percent(after)]);
  write(textTable(['hotkey', 'last vector', 'this vector'], rows));
}

const plain = (entries: number): string => (entries === 0 ? 'no weights' : 'published as scored');

function told({ decision, by, reason, trips }: WeightsReview): string {
  const why = trips.map(tripText).join('; ');
  return [
    `${decision.replace('_', ' ')}${by === null ? '' : ` by ${by}`}${reason === null ? '' : ` (${reason})`}`,
    ...(why === '' ? [] : [`held back because ${why}`]),
  ].join('; ');
}
