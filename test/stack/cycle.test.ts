import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { VerdictOutcome } from '../../activities/miner/activities.ts';
import { fetchVerdict } from '../../activities/miner/fetch-verdict.ts';
import { verifySignature } from '../../adapters/wallet/verify.ts';
import { type CycleReport, reportOf } from '../../cli/demo/report.ts';
import type { CycleRecord } from '../../domain/cycle-record.ts';
import { phaseRange } from '../../domain/phases.ts';
import type { Hotkey } from '../../domain/units.ts';
import { base, rewriteGroup } from '../adapters/model/reference.ts';
import { testTemporal } from '../setup/temporal.ts';
import { runOstinato } from './processes.ts';
import { ScriptedMiner } from './scripted-miner.ts';
import { Stack, subnet } from './stack.ts';
import { startAll } from './start-all.ts';
import { trainedFile } from './trained-file.ts';
import { serverHost } from './upload-gate.ts';

const temporal = await testTemporal();
/** Every miner of these tests works in group 0. */
const group = 0;
const names = ['bob', 'charlie', 'dave', 'eve', 'ferdie'] as const;
type Name = (typeof names)[number];

interface Files {
  readonly honest: string;
  readonly base: string;
  readonly noise: string;
}

/** What the miners have to submit: honest training, the base as it is, and noise of the base's size. */
async function makeFiles(folder: string): Promise<Files> {
  const original = base.groups[group] ?? '';
  const noise = join(folder, 'noise.safetensors');
  await rewriteGroup(original, noise, (value, index) => Math.sin(index * 12.9898) * (Math.abs(value) + 0.1));
  return { honest: await trainedFile(folder), base: original, noise };
}

const cycleEnd = (stack: Stack, cycle: number): number => phaseRange(stack.schedule, cycle, 'ValidatorCommit2').end;

/** Both commitments of some miners, the second ones a block apart, up to the begin of Submission. */
async function commit(
  stack: Stack,
  cycle: number,
  miners: readonly ScriptedMiner[],
  { version = 4, seeds = 0 } = {},
): Promise<void> {
  const { gate } = stack;
  await gate.to(phaseRange(stack.schedule, cycle, 'MinerCommit1').start);
  for (const miner of miners) await miner.commitSignature();
  await gate.untilPending(miners.length + seeds);
  await gate.build();
  await gate.to(phaseRange(stack.schedule, cycle, 'MinerCommit2').start);
  for (const miner of miners) {
    await miner.commitHash(version, group);
    await gate.build();
  }
  await gate.to(phaseRange(stack.schedule, cycle, 'Submission').start);
}

/** The rest of a cycle that the validator works on, from Submission on. */
async function finish(
  stack: Stack,
  cycle: number,
  since: number,
  { weights, operator }: { readonly weights: boolean; readonly operator?: () => Promise<void> },
) {
  const { gate, log } = stack;
  await log.wait({ event: 'phase_entered', fields: { cycle, phase: 'Submission' }, since });
  await gate.to(phaseRange(stack.schedule, cycle, 'Validate').start);
  await log.wait({ event: 'submissions_evaluated', fields: { cycle }, since });
  await gate.to(phaseRange(stack.schedule, cycle, 'Merge').start);
  await operator?.();
  if (weights) {
    await gate.untilPending(1);
    await gate.build();
    await log.wait({ event: 'write_settled', fields: { call: 'set_weights' }, since });
  }
  await gate.to(phaseRange(stack.schedule, cycle, 'ValidatorCommit1').start);
  await gate.untilPending(1);
  await gate.to(phaseRange(stack.schedule, cycle, 'ValidatorCommit2').start);
  await gate.untilPending(1);
  await gate.to(cycleEnd(stack, cycle));
  await log.wait({ event: 'cycle_finished', fields: { cycle }, since });
}

/** What the model server says of cycle 0 to a miner, as the miner's own process reads it. */
async function verdictOf(stack: Stack, hotkey: Hotkey): Promise<VerdictOutcome> {
  const note = (): void => undefined;
  const ask = fetchVerdict({
    hotkey,
    netuid: subnet,
    token: null,
    chain: stack.chain,
    verify: verifySignature,
    log: { debug: note, info: note, warn: note, error: note },
    metrics: { verdict: note },
  });
  const url = `http://${serverHost}:${stack.uploads.port}`;
  for (;;) {
    const validator = { hotkey: stack.validator, uid: 0, url, committed: null };
    const outcome = await ask({ cycle: 0, cycleIndex: 0, group, validator });
    // The record is written down first and signed then.
    if (outcome.kind !== 'not_yet') return outcome;
    await delay(50);
  }
}

describe('a validator and its model server among miners of all kinds', () => {
  let folder = '';
  let stack: Stack;
  let miners: Readonly<Record<Name, ScriptedMiner>>;
  let exitCode: number | null = null;
  let report: CycleReport;
  const verdicts = new Map<Name, VerdictOutcome>();

  const miner = (name: Name): ScriptedMiner => miners[name];
  const recordOf = async (cycle: number): Promise<CycleRecord | undefined> =>
    (await (await stack.ledger()).cycles.get(stack.validator, cycle))?.record;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ostinato-miners-'));
    const [files, opened] = await Promise.all([
      makeFiles(folder),
      Stack.open({
        temporal: { address: temporal.address, connection: temporal.client.connection },
        salt: 'cycle',
        schedule: [2, 2, 3, 6, 4, 3, 3, 3, 3],
        miners: [],
        scripted: names,
        steps: 1,
      }),
    ]);
    stack = opened;
    miners = {
      bob: await ScriptedMiner.of(stack, 'bob', files.honest),
      charlie: await ScriptedMiner.of(stack, 'charlie', files.honest),
      dave: await ScriptedMiner.of(stack, 'dave', files.base),
      eve: await ScriptedMiner.of(stack, 'eve', files.noise),
      ferdie: await ScriptedMiner.of(stack, 'ferdie', files.noise),
    };
    await startAll(stack, '--cycles', '1');
    // The copier knows the hash beforehand, which on a real chain it could not, and is still a block too late.
    await commit(stack, 0, Object.values(miners), { version: 0, seeds: 1 });
    for (const name of ['charlie', 'bob', 'dave', 'eve'] as const) {
      const result = await miner(name).submit();
      if (result.kind !== 'accepted') throw new Error(`${name}: ${JSON.stringify(result)}`);
    }
    await finish(stack, 0, 0, { weights: true });
    for (const name of names) verdicts.set(name, await verdictOf(stack, miner(name).hotkey));
    const reports = await reportOf(await stack.ledger(), stack.chain, stack.validator, [0]);
    if (reports[0] === undefined) throw new Error('no report');
    [report] = reports as [CycleReport];
    exitCode = await stack.stop('validator');
  }, 300_000);

  afterAll(async () => {
    await stack?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  const submissionOf = (name: Name) => report.submissions.find(({ hotkey }) => hotkey === miner(name).hotkey);

  test('scores honest work above zero', () => {
    const honest = submissionOf('bob');
    expect(honest).toMatchObject({ outcome: 'ok', reason: null });
    expect(honest?.w).toBeGreaterThan(0);
    expect(honest?.lossAfter).toBeLessThan(honest?.lossBefore ?? 0);
  });

  test('gives the unchanged base and noise zero for what they do', () => {
    expect(submissionOf('dave')).toMatchObject({ outcome: 'ok', w: 0 });
    expect(submissionOf('dave')?.lossAfter).toBe(submissionOf('dave')?.lossBefore);
    expect(submissionOf('eve')).toMatchObject({ outcome: 'ok', w: 0 });
    expect(submissionOf('eve')?.lossAfter).toBeGreaterThan(submissionOf('eve')?.lossBefore ?? 0);
  });

  test('counts of two equal submissions the one that was committed first, though it arrived later', () => {
    expect(submissionOf('charlie')).toMatchObject({
      outcome: 'miner_fault',
      reason: 'copy',
      modelHash: miner('bob').hash,
    });
  });

  test('faults a miner that committed and sent nothing', () => {
    expect(submissionOf('ferdie')).toMatchObject({ outcome: 'miner_fault', reason: 'no_submission' });
  });

  test('gives the whole weight to the only one who improved the model', async () => {
    const bob = miner('bob').hotkey;
    expect(report.scores.filter(({ after }) => after > 0).map(({ hotkey }) => hotkey)).toEqual([bob]);
    expect(report.vector).toEqual([{ hotkey: bob, weight: 65_535 }]);
    expect(report.heldOut?.after).toBeLessThan(report.heldOut?.before ?? 0);
  });

  test('reports what the ledger holds and what the chain gives back', async () => {
    const { weights, merkleRoot, minerWorkflows: _ids, ...record } = report;
    const stored = await (await stack.ledger()).cycles.get(stack.validator, 0);
    expect(stored).toMatchObject({ record, root: merkleRoot });
    const uids = record.submissions.filter(({ hotkey }) => hotkey === miner('bob').hotkey).map(({ uid }) => uid);
    expect(weights?.onChain).toEqual(uids.map((uid) => [uid, 65_535]));
    expect([weights?.uids, weights?.values]).toEqual([uids, [65_535]]);
    const hash = await stack.chain.blockHash(weights?.block ?? 0);
    const { extrinsics } = await stack.chain.body(hash);
    expect(extrinsics.length).toBeGreaterThan(1);
  });

  test('shows each miner its verdict under the signed root of its record', async () => {
    const stored = await (await stack.ledger()).cycles.get(stack.validator, 0);
    for (const name of names) {
      const { hotkey, outcome, reason, detail, modelHash, lossBefore, lossAfter, w } = submissionOf(name) ?? {};
      const { before, observation, after } = report.scores.find((score) => score.hotkey === miner(name).hotkey) ?? {};
      expect(verdicts.get(name)).toEqual({
        kind: 'verdict',
        verdict: {
          cycle: 0,
          root: stored?.root,
          submission: { hotkey, outcome, reason, detail, modelHash, lossBefore, lossAfter, w },
          score: { hotkey, before, observation, after },
        },
      });
    }
    expect(await verdictOf(stack, stack.validator)).toMatchObject({ kind: 'absent', code: 'OST_VERDICT_NONE' });
  });

  test('says at the start of each process what a healthy one says', () => {
    for (const source of ['validator', 'server']) {
      const [first] = stack.log.all({ source, event: 'config_loaded' });
      expect(first?.fields['msg']).toMatch(new RegExp(`^Wrote config ${stack.pathOf('validator')}/\\S+\\.json$`));
    }
    const [ready] = stack.log.all({ source: 'validator', event: 'validator_ready' });
    expect(ready?.fields['msg']).toBe('(0) Commit new seed for next validation');
  });

  test('ends in order when it is told to, with nothing to complain of', () => {
    expect(exitCode).toBe(0);
    expect(stack.log.errors()).toEqual([]);
  });

  describe('after nobody was at work for a cycle', () => {
    const said: Awaited<ReturnType<typeof runOstinato>>[] = [];
    const operator = (...args: readonly string[]) =>
      runOstinato([...args, '--path', stack.pathOf('validator'), '--temporal', temporal.address], stack.folder);
    const weights = (...args: readonly string[]) => operator('weights', ...args);

    beforeAll(async () => {
      await stack.gate.to(cycleEnd(stack, 1));
      await commit(stack, 2, [miner('bob')]);
      expect(await miner('bob').submit()).toMatchObject({ kind: 'accepted' });
      await stack.gate.build();
      const since = stack.log.mark();
      await stack.start('validator', '--cycles', '1', '--weights-mode', 'vote');
      const decide = async () => {
        await stack.log.wait({ event: 'weights_need_operator', fields: { cycle: 2 }, since });
        for (const args of [
          ['show'],
          ['amend', '--reason', 'no', '--file', 'none.json'],
          ['approve', '--by', 'alice'],
        ]) {
          said.push(await weights(...args));
        }
      };
      await finish(stack, 2, since, { weights: true, operator: decide });
      said.push(await weights('veto', '--reason', 'too late'));
      said.push(await operator('writer', 'status'), await operator('writer', 'resolve', 'this'));
      await stack.stop('validator');
    }, 300_000);

    test('the missed cycle is in the ledger, with all scores carried on', async () => {
      expect(await recordOf(1)).toMatchObject({ cycle: 1, result: 'missed', submissions: [], vector: [] });
    });

    test('a validator that begins in Submission judges what its server took, by a seed of the chain', async () => {
      const record = await recordOf(2);
      expect(record?.submissions).toHaveLength(1);
      expect(record?.submissions[0]).toMatchObject({ hotkey: miner('bob').hotkey, outcome: 'ok' });
      // No heartbeat was in time: whoever has a permit and serves an address judges, and none of them chose a seed.
      expect(record?.seed).toMatchObject({ source: 'block_hash', validators: [{ hotkey: record?.hotkey, seed: 0 }] });
      expect(record?.notes.map(({ phase }) => phase)).toEqual(['Distribute', 'Train', 'MinerCommit1', 'MinerCommit2']);
    });

    test('a vector that waits is shown to an operator, who has it published', async () => {
      const [show, amend, approve, veto] = said;
      expect(show?.stdout).toMatch(/The vector of cycle 2 waits until block \d+; then: last good\./);
      expect(show?.stdout).toContain(miner('bob').hotkey);
      expect(amend).toMatchObject({ code: 1, stderr: expect.stringContaining('OST_WEIGHTS_AMENDMENT') });
      expect(approve).toMatchObject({ code: 0, stdout: 'Weights of cycle 2: approved by alice\n' });
      expect(veto).toMatchObject({ code: 1, stderr: expect.stringContaining('OST_WEIGHTS_NOTHING_PENDING') });
      const record = await recordOf(2);
      expect(record?.review).toMatchObject({
        mode: 'vote',
        decision: 'approved',
        by: 'alice',
        proposed: record?.vector,
      });
    });

    test('the writer tells what it has settled, and needs nobody to decide while it writes', async () => {
      const [status, resolve] = said.slice(-2);
      expect(status).toMatchObject({ code: 0, stdout: expect.stringContaining('Writing goes on.') });
      expect(status?.stdout).toMatch(/Settled {4}weights\/1\/0\/\d+ {2}included/);
      expect(resolve).toMatchObject({ code: 1, stderr: expect.stringContaining('OST_WRITER_NOT_STOPPED') });
    });

    test('miners that were scored and are missing are observed as zero', async () => {
      const record = await recordOf(2);
      const eve = record?.scores.find(({ hotkey }) => hotkey === miner('eve').hotkey);
      expect(eve).toMatchObject({ before: 0, observation: 0, after: 0 });
    });
  });

  describe('a validator that begins in Merge', () => {
    let scoreBefore = 0;

    beforeAll(async () => {
      scoreBefore = (await recordOf(2))?.scores.find(({ hotkey }) => hotkey === miner('bob').hotkey)?.after ?? 0;
      await stack.gate.to(phaseRange(stack.schedule, 3, 'Merge').start);
      const since = stack.log.mark();
      await stack.start('validator', '--cycles', '1');
      // In the next cycle the model server is not there when the miner comes.
      await stack.gate.to(phaseRange(stack.schedule, 4, 'Train').start);
      await stack.kill('server');
      await commit(stack, 4, [miner('bob')], { seeds: 1 });
      await finish(stack, 4, since, { weights: false });
      await stack.stop('validator');
    }, 300_000);

    test('leaves that cycle as missed and works on the next', async () => {
      expect(await recordOf(3)).toMatchObject({ result: 'missed', submissions: [] });
      expect(await recordOf(4)).toMatchObject({ cycle: 4, result: 'no_improvement' });
    });

    test('does not blame a miner for the absence of its own model server', async () => {
      const record = await recordOf(4);
      expect(record?.submissions).toHaveLength(1);
      expect(record?.submissions[0]).toMatchObject({ outcome: 'unknown', reason: 'server_absent', w: null });
      const score = record?.scores.find(({ hotkey }) => hotkey === miner('bob').hotkey);
      expect(score).toMatchObject({ before: scoreBefore, observation: null, after: scoreBefore });
      expect(scoreBefore).toBeGreaterThan(0);
    });

    test('holds back a vector that stands on no verdict, and sends the last good one when nobody decides', async () => {
      const [before, record] = [await recordOf(2), await recordOf(4)];
      expect(record?.review).toMatchObject({
        decision: 'late_last_good',
        trips: [{ kind: 'coverage', found: 0, least: 0.5 }],
      });
      expect(record?.vector).toEqual(before?.vector);
      expect(record?.weightsKey).not.toBeNull();
    });

    test('the ledger has a record for every cycle', async () => {
      const ledger = await stack.ledger();
      const cycles = await Promise.all([0, 1, 2, 3, 4].map((cycle) => ledger.cycles.get(stack.validator, cycle)));
      expect(cycles.map((each) => each?.record.result)).toEqual([
        'completed',
        'missed',
        expect.stringMatching(/^(completed|no_improvement)$/),
        'missed',
        'no_improvement',
      ]);
    });
  });
});
