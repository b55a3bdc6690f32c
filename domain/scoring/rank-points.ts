import type { SubmissionRecord } from '../cycle-record.ts';
import { byHotkey } from '../order.ts';
import { countedSubmissions } from '../proof-of-loss.ts';
import type { Hotkey } from '../units.ts';

/** What the best, the second and the third of a cycle get; everybody else gets 0. */
const rewards = [2.25, 1.5, 1] as const;

/** The exponent by which the originals stretch a drop of the loss. It never changes an order, only what is shown. */
const power = 1.2;

/** A drop of the loss in nats as the originals' score: max(0, before − after)^1.2. */
export const dropScore = (before: number, after: number): number => Math.max(0, before - after) ** power;

interface Ranked extends SubmissionRecord {
  readonly lossBefore: number;
  readonly lossAfter: number;
}

const measured = (row: SubmissionRecord): row is Ranked =>
  row.outcome === 'ok' && row.lossBefore !== null && row.lossAfter !== null;

/**
 * The points that a cycle gives, in order of hotkeys: the originals' finalisation of a round.
 *
 * Drops are compared by the losses themselves and not by their power, whose last bit differs between machines. Equal
 * losses get 0, all of them, and consume no rank; no drop and the miner's own fault get 0; our own fault, and what
 * nobody can tell, gets no entry at all.
 */
export function rankPoints(submissions: readonly SubmissionRecord[]): readonly {
  readonly hotkey: Hotkey;
  readonly points: number;
}[] {
  const counted = countedSubmissions(submissions);
  const improved = counted.filter(measured).filter(({ lossBefore, lossAfter }) => lossAfter < lossBefore);
  const losses = ({ lossBefore, lossAfter }: Ranked) => `${lossBefore}/${lossAfter}`;
  const sharing = new Map<string, number>();
  for (const row of improved) sharing.set(losses(row), (sharing.get(losses(row)) ?? 0) + 1);
  const drop = ({ lossBefore, lossAfter }: Ranked) => lossBefore - lossAfter;
  const order = improved
    .filter((row) => sharing.get(losses(row)) === 1)
    .toSorted((a, b) => drop(b) - drop(a) || a.uid - b.uid);
  const given = new Map(order.map(({ hotkey }, rank) => [hotkey, rewards[rank] ?? 0]));
  return counted
    .filter((row) => row.outcome === 'miner_fault' || measured(row))
    .map(({ hotkey }) => ({ hotkey, points: given.get(hotkey) ?? 0 }))
    .toSorted(byHotkey);
}
