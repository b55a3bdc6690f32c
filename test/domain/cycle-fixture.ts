import type { CycleRecord, SubmissionRecord } from '../../domain/cycle-record.ts';
import { relativeDrop } from '../../domain/proof-of-loss.ts';
import type { CurrentScore } from '../../domain/scores.ts';
import { noPast, type ScoreState } from '../../domain/scoring/past.ts';
import { ruleOf, type ScoreRule } from '../../domain/scoring/rule.ts';
import { scoresBy, vectorBy } from '../../domain/scoring/strategy.ts';
import { combineSeeds } from '../../domain/seeds.ts';
import { blocks, hotkey, netuid, uid } from '../../domain/units.ts';

export const validator = hotkey('5Validator');
export const genesis = '0xaa' as const;
export const scope = { genesis, netuid: netuid(1) };

export const minerHotkey = (number: number) => hotkey(`5Miner${String(number).padStart(3, '0')}`);

/** A submission that counts and lowered the loss from 4 to 3 (w 0.25), changed as the test says. */
export const submission = (number: number, changes: Partial<SubmissionRecord> = {}): SubmissionRecord => {
  const row: SubmissionRecord = {
    hotkey: minerHotkey(number),
    uid: uid(number),
    group: number % 4,
    outcome: 'ok',
    reason: null,
    detail: null,
    modelHash: `hash${number}`,
    digest: `digest${number}`,
    bytes: 1000 + number,
    commitBlock: blocks(100),
    commitIndex: number,
    lossBefore: 4,
    lossAfter: 3,
    w: null,
    workflowId: `submission/${number}`,
    ...changes,
  };
  return { ...row, w: 'w' in changes ? row.w : relativeDrop(row.lossBefore, row.lossAfter) };
};

export const ema = ruleOf('relative-drop-ema', 0.9);

export interface CycleOptions {
  readonly cycle?: number;
  readonly previous?: readonly CurrentScore[];
  /** Numbers of those who are registered besides the ones that submitted. */
  readonly others?: readonly number[];
  readonly rule?: ScoreRule;
  /** Left out: what `previous` says. */
  readonly state?: ScoreState;
  readonly changes?: Partial<CycleRecord>;
}

/** A cycle whose outputs follow from its inputs. */
export function cycleRecord(
  submissions: readonly SubmissionRecord[],
  {
    cycle = 7,
    previous = [],
    others = [],
    rule = ema,
    state = { ...noPast, previous },
    changes = {},
  }: CycleOptions = {},
): CycleRecord {
  const result = changes.result ?? 'completed';
  const submitted = submissions.map((row) => ({ hotkey: row.hotkey, uid: row.uid }));
  const neurons = [...submitted, ...others.map((number) => ({ hotkey: minerHotkey(number), uid: uid(number) }))];
  const validators = [{ hotkey: validator, seed: 4711 }];
  const combined = combineSeeds(validators);
  const peerWeights = changes.peerWeights ?? null;
  const seed = { source: 'validator_commits' as const, combined, validators };
  const input = { result, neurons, submissions, self: validator, seed, peerWeights, state };
  const scores = scoresBy(rule, input);
  const model = { hash: 'model0', version: 0, manifest: 'manifest0' };
  return {
    chain: 'devnet',
    ...scope,
    hotkey: validator,
    cycle,
    startBlock: blocks(cycle * 70),
    endBlock: blocks(cycle * 70 + 69),
    schedule: { name: 'demo', lengths: [6, 22, 4, 4, 8, 10, 8, 4, 4] },
    workflowId: `cycle/devnet/1/${validator}`,
    runId: `run-${cycle}`,
    result,
    seed,
    batches: [
      { group: 0, rows: [3, 1, 2], batchSize: 8 },
      { group: 1, rows: [], batchSize: 8 },
    ],
    submissions,
    scores,
    scoreRule: rule,
    vector: result === 'abstained' || result === 'missed' ? [] : vectorBy(rule, input, scores),
    weightsKey: `weights/${cycle}`,
    modelBefore: model,
    modelAfter: result === 'completed' ? { hash: 'model1', version: cycle, manifest: 'manifest1' } : model,
    heldOut: { before: 4.25, after: 4.125 },
    notes: [{ phase: 'Merge', note: 'late by 1 block' }],
    ...changes,
  };
}

/** A cycle of so many miners, with losses that use all digits of a double. */
export const bigCycle = (miners: number, cycle = 7): CycleRecord =>
  cycleRecord(
    Array.from({ length: miners }, (_, number) => submission(number, { lossAfter: 4 - Math.sqrt(number + 1) / 100 })),
    { cycle },
  );
