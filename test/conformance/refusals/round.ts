import type { CheckGroup } from '../check.ts';
import type { Ground, Staged, StateValue, Writer } from '../ground.ts';
import { type Attempt, send } from '../send.ts';
import { absent, notProvoked, type Result, verdictOf } from '../verdict.ts';
import type { RefusalName } from './expected.ts';
import { judge, lineName } from './judge.ts';

/** A ground on which refusals can be brought about. */
export interface Stage extends Ground {
  readonly writer: Writer;
  readonly staged: Staged;
}

export interface Provocation {
  readonly name: RefusalName;
  /** Why this runtime has not got the refusal, as its metadata say; null where it has. */
  readonly lacking?: (ground: Ground) => string | null;
  readonly attempt: (stage: Stage) => Attempt | Promise<Attempt>;
}

/**
 * Refusals under the same settings, sent together: what is refused changes nothing, so that one block holds them all.
 */
export interface Round {
  /** What the state has to say meanwhile, and what it says again afterwards. */
  readonly settings?: (stage: Stage) => readonly StateValue[];
  readonly restored?: (stage: Stage) => readonly StateValue[];
  /** Calls that go before, in the same block, and have to succeed. */
  readonly before?: (stage: Stage) => readonly Attempt[];
  readonly provocations: readonly Provocation[];
}

export const stageOf = (ground: Ground): Stage | null =>
  ground.writer === null || ground.staged === null ? null : { ...ground, writer: ground.writer, staged: ground.staged };

const ended = (name: RefusalName, error: unknown): Result => ({ name: lineName(name), verdict: verdictOf(error) });

export const needsRoot = () => notProvoked('it takes root, or other hotkeys');

export function roundGroup(round: Round): CheckGroup {
  const names = round.provocations.map(({ name }) => lineName(name));
  return { names, run: (ground) => runRound(ground, round) };
}

async function runRound(ground: Ground, round: Round): Promise<readonly Result[]> {
  const results: Result[] = [];
  const possible: Provocation[] = [];
  const stage = stageOf(ground);
  for (const provocation of round.provocations) {
    const reason = provocation.lacking?.(ground) ?? null;
    if (reason !== null) results.push(ended(provocation.name, absent(reason)));
    else if (stage === null) results.push(ended(provocation.name, needsRoot()));
    else possible.push(provocation);
  }
  if (stage === null || possible.length === 0) return results;
  if (round.settings !== undefined) await stage.staged.set(round.settings(stage));
  const before = round.before?.(stage) ?? [];
  const attempts = await Promise.all(possible.map(async ({ attempt }) => attempt(stage)));
  const outcomes = await send(stage, [...before, ...attempts]);
  for (const outcome of outcomes.slice(0, before.length)) {
    if (outcome.kind !== 'included') throw new Error('what had to go before was refused itself');
  }
  for (const [index, { name }] of possible.entries()) {
    results.push(judge(stage, name, outcomes[before.length + index] ?? { kind: 'lost' }));
  }
  if (round.restored !== undefined) await stage.staged.set(round.restored(stage));
  return results;
}
