import type { HotkeyWeight } from './chain-write.ts';
import type { CycleRecord, CycleResult } from './cycle-record.ts';
import { sharesOf } from './guardrails.ts';
import { byHotkey } from './order.ts';
import { pastNeeded, stateAfter } from './scoring/past.ts';
import type { ScoreRule } from './scoring/rule.ts';
import { scoresBy, vectorBy } from './scoring/strategy.ts';
import type { Hotkey, Uid } from './units.ts';
import { scoringInputOf } from './verify-cycle.ts';

/** One miner's place in a vector before and now; ranks begin at 1, null is no weight. */
export interface RankMove {
  readonly hotkey: Hotkey;
  readonly uid: Uid;
  readonly rankBefore: number | null;
  readonly rankAfter: number | null;
  readonly shareBefore: number;
  readonly shareAfter: number;
}

export interface RescoredCycle {
  readonly cycle: number;
  readonly result: CycleResult;
  readonly recorded: CycleRecord['scoreRule'];
  readonly vector: readonly HotkeyWeight[];
  /** Sum of the absolute differences of all shares: 0 for equal vectors, 2 for such that have nobody in common. */
  readonly l1: number;
  /** 1 for equal directions; null where one of the two is empty. */
  readonly cosine: number | null;
  /** Best first, by the present rank and then by the old one. */
  readonly moves: readonly RankMove[];
}

/**
 * Scores stored cycles once more by another rule, each going on from the one before as if the rule had been in force
 * since the first of them.
 *
 * @param records newest first, without missed ones; those after the first `count` are only looked at for the past
 * @returns the first `count` of them, newest first
 */
export function rescore(rule: ScoreRule, records: readonly CycleRecord[], count: number): readonly RescoredCycle[] {
  const past: CycleRecord[] = records.slice(count, count + pastNeeded(rule));
  const rescored: RescoredCycle[] = [];
  for (const record of records.slice(0, count).toReversed()) {
    const input = scoringInputOf(record, stateAfter(rule, past));
    const scores = scoresBy(rule, input);
    const vector = vectorBy(rule, input, scores);
    past.unshift({ ...record, scores, scoreRule: rule });
    rescored.unshift({ ...compared(record, vector), recorded: record.scoreRule });
  }
  return rescored;
}

function compared(record: CycleRecord, vector: readonly HotkeyWeight[]): Omit<RescoredCycle, 'recorded'> {
  // What the scores gave, not what an operator made of it: strategies are compared, not reviews.
  const given = record.review?.proposed ?? record.vector;
  const [before, after] = [sharesOf(given), sharesOf(vector)];
  const [ranksBefore, ranksAfter] = [ranksOf(before), ranksOf(after)];
  const uids = new Map([...record.submissions, ...record.scores].map(({ hotkey, uid }) => [hotkey, uid]));
  const last = uids.size + 1;
  const moves = [...uids]
    .map(([hotkey, uid]) => ({
      hotkey,
      uid,
      rankBefore: ranksBefore.get(hotkey) ?? null,
      rankAfter: ranksAfter.get(hotkey) ?? null,
      shareBefore: before.get(hotkey) ?? 0,
      shareAfter: after.get(hotkey) ?? 0,
    }))
    .toSorted(
      (a, b) =>
        (a.rankAfter ?? last) - (b.rankAfter ?? last) ||
        (a.rankBefore ?? last) - (b.rankBefore ?? last) ||
        byHotkey(a, b),
    );
  return {
    cycle: record.cycle,
    result: record.result,
    vector,
    l1: distance(before, after),
    cosine: cosine(before, after),
    moves,
  };
}

type Shares = ReadonlyMap<Hotkey, number>;

/** Equal shares have equal ranks. */
function ranksOf(shares: Shares): ReadonlyMap<Hotkey, number> {
  const values = [...shares.values()];
  return new Map([...shares].map(([hotkey, share]) => [hotkey, 1 + values.filter((each) => each > share).length]));
}

const both = (before: Shares, after: Shares): readonly (readonly [number, number])[] =>
  [...new Set([...before.keys(), ...after.keys()])].map(
    (hotkey) => [before.get(hotkey) ?? 0, after.get(hotkey) ?? 0] as const,
  );

const distance = (before: Shares, after: Shares): number =>
  both(before, after).reduce((sum, [a, b]) => sum + Math.abs(a - b), 0);

function cosine(before: Shares, after: Shares): number | null {
  if (before.size === 0 || after.size === 0) return null;
  const norm = (shares: Shares) => Math.hypot(...shares.values());
  return both(before, after).reduce((sum, [a, b]) => sum + a * b, 0) / (norm(before) * norm(after));
}
