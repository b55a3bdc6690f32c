import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/common';
import type { Slice } from '../../activities/miner/activities.ts';
import { netuid } from '../../domain/units.ts';
import { minerId } from '../../temporal/ids.ts';
import type { MinerWorkflow } from '../../workflows/miner.ts';
import { testTemporal } from '../setup/temporal.ts';
import { called, untilCancelled } from './fakes/chain.ts';
import {
  type MinerFakes,
  type MinerScenario,
  minerActivityNames,
  minerScenario,
  slice,
  trained,
  validator,
} from './fakes/miner.ts';
import { fakeWorld } from './fakes/world.ts';
import { signature } from './fakes/writes.ts';

const temporal = await testTemporal();
const world = fakeWorld<MinerFakes>(temporal, 'miner', minerActivityNames);
// Blocks of the demo's first cycle: Train 6–27, MinerCommit1 28–31, MinerCommit2 32–35, Submission 36–43.

async function start(scenario: MinerScenario = {}, cyclesLeft = 1) {
  const seen = minerScenario(scenario);
  const label = world.enter(seen.fakes);
  const handle = await temporal.client.workflow.start<typeof MinerWorkflow>('MinerWorkflow', {
    workflowId: minerId(label, 1, world.hotkey),
    taskQueue: world.queue,
    args: [{ chain: label, netuid: netuid(1), hotkey: world.hotkey, cyclesLeft }],
  });
  return { ...seen, handle };
}

async function run(scenario: MinerScenario = {}) {
  const running = await start(scenario);
  return { ...running, summary: await running.handle.result() };
}

const commits = ({ asked }: Pick<Awaited<ReturnType<typeof start>>, 'asked'>) =>
  asked.flatMap(({ call, deadline }) =>
    call.kind === 'set_commitment' ? [{ text: JSON.parse(call.text), deadline }] : [],
  );

describe('a miner', () => {
  test.concurrent('that names a place of its own has the file there before anybody can know of it', async () => {
    const steps: string[] = [];
    const location = { repo: '/model.safetensors', revision: null };
    const { asked } = await run({
      location,
      activities: () => ({ publishArtifact: async ({ group }) => void steps.push(`published group ${group}`) }),
    });
    expect(steps).toEqual(['published group 1']);
    expect(commits({ asked })[1]?.text).toEqual({ e: 1, h: trained.modelHash, v: slice.version, r: location.repo });
  });

  test.concurrent('fetches, trains, commits in two halves and submits', async () => {
    const { summary, closedAt, notes, signed, uploads, ...rest } = await run();
    expect(summary).toEqual({ cycle: 0, result: 'submitted', detail: '10 bytes, trained' });
    expect(commits(rest)).toEqual([
      { text: { m: signature }, deadline: 32 },
      { text: { e: 1, h: trained.modelHash, v: slice.version }, deadline: 36 },
    ]);
    expect(signed).toEqual([
      { purpose: 'download', targetHotkey: validator.hotkey, block: 0 },
      { purpose: 'commit_hash', modelHash: trained.modelHash },
      { purpose: 'upload', modelHash: trained.modelHash, targetHotkey: validator.hotkey, block: 36 },
    ]);
    expect(uploads).toEqual([{ signed: { validator, block: 36, signature }, group: 1, cycle: 0, trained }]);
    expect(notes).toEqual([{ ...summary, hotkey: world.hotkey, committed: 'trained' }]);
    expect(closedAt).toEqual([36]);
  });

  test.concurrent('trains until the phase ends, and goes on with what it has by then', async () => {
    const training = called(async () => {
      // As the real one does: the end of the phase is no failure, what is trained is the result.
      await untilCancelled().catch(() => undefined);
      return { ...trained, steps: 5 };
    });
    const running = await start({ activities: () => ({ trainGroup: training.run }) });
    await training.promise;
    running.chain.allow(27);
    expect(await running.handle.result()).toMatchObject({ result: 'submitted' });
    expect(running.uploads[0]?.trained.steps).toBe(5);
    expect(running.closedAt).toEqual([36]);
  });

  test.concurrent('whose trainer was not there in Train has missed the cycle, and goes on with the next', async () => {
    let asked = 0;
    // Nobody is there in the phase, and nobody has anything after it.
    const gone = called(() => (asked++ === 0 ? untilCancelled() : Promise.reject(new Error('nothing there'))));
    const running = await start({ activities: () => ({ trainGroup: gone.run }) }, 2);
    await gone.promise;
    running.chain.allow(27);
    while (running.notes.length === 0) await sleep(50);
    expect(running.notes[0]).toMatchObject({ cycle: 0, result: 'missed', detail: 'nothing was trained in Train' });
    expect(running.asked).toEqual([]);
    while (running.nexts.length < 2) await sleep(50);
    expect(running.nexts).toEqual([null, 1]);
    await running.handle.terminate();
  });

  test.concurrent('whose slice comes after Train has missed the cycle, and does not begin to train', async () => {
    let training = false;
    const { summary } = await run({
      activities: (chain) => ({
        downloadSlice: async () => {
          chain.jump(28);
          return slice;
        },
        trainGroup: async () => {
          training = true;
          return trained;
        },
      }),
    });
    expect(summary).toEqual({ cycle: 0, result: 'missed', detail: 'nothing was trained in Train' });
    expect(training).toBe(false);
  });

  test.concurrent('whose training ends too late for the first commitment has missed the cycle', async () => {
    const { summary, uploads, asked } = await run({
      activities: (chain) => ({
        trainGroup: async () => {
          chain.jump(32);
          return trained;
        },
      }),
    });
    const detail = 'the signature was not on chain in MinerCommit1';
    expect(summary).toEqual({ cycle: 0, result: 'missed', detail });
    expect([...asked, ...uploads]).toEqual([]);
  });

  test.concurrent.each([
    ['MinerCommit1', 32],
    ['MinerCommit2', 36],
  ] as const)('whose commitment does not get into %s has missed the cycle', async (phase, last) => {
    const { summary, uploads } = await run({ verdict: ({ deadline }) => (deadline === last ? 'late' : 'already') });
    expect(summary).toMatchObject({ result: 'missed', detail: expect.stringContaining(phase) });
    expect(uploads).toEqual([]);
  });

  test.concurrent('goes from cycle to cycle, one run each', async () => {
    const { handle, nexts, notes } = await start({}, 2);
    expect(await handle.result()).toMatchObject({ cycle: 1, result: 'submitted' });
    expect(nexts).toEqual([null, 1]);
    expect(notes.map(({ cycle, result }) => [cycle, result])).toEqual([
      [0, 'submitted'],
      [1, 'submitted'],
    ]);
  });

  test.concurrent('that comes after Train waits for the next cycle', async () => {
    const { summary } = await run({ head: 28 });
    expect(summary).toMatchObject({ cycle: 1, result: 'submitted' });
  });
});

describe('a trainer that was between two attempts when its phase ended', () => {
  test.concurrent('is asked for what it has', async () => {
    const inputs: (boolean | undefined)[] = [];
    const first = called(() => untilCancelled());
    const running = await start({
      activities: () => ({
        trainGroup: async ({ over }) => {
          inputs.push(over);
          return over === true ? { ...trained, steps: 9 } : first.run();
        },
      }),
    });
    await first.promise;
    running.chain.allow(43);
    expect(await running.handle.result()).toMatchObject({ result: 'submitted' });
    expect(inputs).toEqual([undefined, true]);
    expect(running.uploads[0]?.trained.steps).toBe(9);
  });

  test.concurrent('and has made no step yet has nothing to commit', async () => {
    const { summary, asked } = await run({
      activities: () => ({ trainGroup: async () => ({ ...trained, steps: 0 }) }),
    });
    expect(summary).toEqual({ cycle: 0, result: 'missed', detail: 'nothing was trained in Train' });
    expect(asked).toEqual([]);
  });
});

describe('a validator that publishes another model in the middle of a training', () => {
  const newer: Slice = { ...slice, version: 8, modelHash: 'newer' };

  /** The first training lasts until it is cancelled; the second one is done at once. */
  const republished = (activities: Partial<MinerFakes> = {}): MinerScenario => {
    let downloads = 0;
    let watches = 0;
    return {
      activities: () => ({
        downloadSlice: async () => (downloads++ === 0 ? slice : newer),
        awaitNewModel: async () => (watches++ === 0 ? newer : untilCancelled()),
        trainGroup: async (input) => {
          if (input.slice.version === newer.version) return { ...trained, steps: 7 };
          await untilCancelled().catch(() => undefined);
          return { ...trained, steps: 3 };
        },
        ...activities,
      }),
    };
  };

  test.concurrent('has it begin anew from that one, whose version is committed', async () => {
    const { summary, uploads, ...rest } = await run({ ...republished(), holds: ({ steps }) => steps === 3 });
    expect(summary.result).toBe('submitted');
    expect(uploads[0]?.trained.steps).toBe(7);
    expect(commits(rest).at(-1)?.text).toMatchObject({ v: newer.version });
  });

  test.concurrent('that cannot be had leaves what was trained before', async () => {
    let downloads = 0;
    const downloadSlice = async () => {
      if (downloads++ === 0) return slice;
      throw ApplicationFailure.nonRetryable('gone', 'OST_HTTP_UNKNOWN_GROUP');
    };
    const { summary, uploads, ...rest } = await run(republished({ downloadSlice }));
    expect(summary.result).toBe('submitted');
    expect(uploads[0]?.trained.steps).toBe(3);
    expect(commits(rest).at(-1)?.text).toMatchObject({ v: slice.version });
  });

  test.concurrent('and cannot be watched is trained for all the same', async () => {
    const awaitNewModel = async () => {
      throw ApplicationFailure.nonRetryable('no such route');
    };
    const { summary } = await run({ activities: () => ({ awaitNewModel }) });
    expect(summary.result).toBe('submitted');
  });
});

describe('the verdict on a submission', () => {
  test.concurrent('is fetched while the next cycle goes on, and after the last one', async () => {
    const { handle, verdicts } = await start({}, 2);
    await handle.result();
    expect(verdicts).toEqual([
      { cycle: 0, cycleIndex: 0, group: 1, validator },
      { cycle: 1, cycleIndex: 1, group: 1, validator },
    ]);
  });

  test.concurrent('is asked for again where the validator has not closed its books, and then given up', async () => {
    const running = await start({ activities: () => ({ fetchVerdict: async () => ({ kind: 'not_yet' }) }) });
    while (running.notes.length === 0) await sleep(50);
    running.chain.allow(100);
    expect(await running.handle.result()).toMatchObject({ result: 'submitted' });
    // Ten blocks after the cycle's last one, asked every other block.
    expect(running.verdicts).toHaveLength(6);
  });

  test.concurrent('that cannot be fetched ends no cycle', async () => {
    const fetchVerdict = async () => {
      throw ApplicationFailure.nonRetryable('no disk');
    };
    const { handle, notes } = await start({ activities: () => ({ fetchVerdict }) }, 2);
    expect(await handle.result()).toMatchObject({ cycle: 1, result: 'submitted' });
    expect(notes).toHaveLength(2);
  });

  test.concurrent('is not asked for where nothing was submitted', async () => {
    const { verdicts } = await run({
      activities: () => ({
        uploadSubmission: async () => ({ kind: 'refused', code: 'OST_SUBMISSION_DUPLICATE', detail: 'one is there' }),
      }),
    });
    expect(verdicts).toEqual([]);
  });
});

describe('an upload', () => {
  test.concurrent('that broke off is signed anew at once, for its phase may be one block long', async () => {
    const answers = [{ kind: 'sign_again', code: 'OST_HTTP_REPLAYED' }] as const;
    const left = [...answers];
    const { summary, uploads } = await run({
      activities: () => ({
        uploadSubmission: async () => left.shift() ?? { kind: 'accepted', digest: 'trained', bytes: 10 },
      }),
    });
    expect(summary.result).toBe('submitted');
    expect(uploads.map(({ signed }) => signed.block)).toEqual([36, 36]);
  });

  test.concurrent('whose signature has become old is signed anew, at a new block', async () => {
    const answers = [
      { kind: 'sign_again', code: 'OST_HTTP_STALE_BLOCK' },
      { kind: 'sign_again', code: 'OST_SUBMISSION_BLOCK' },
    ] as const;
    const left = [...answers];
    const { summary, uploads } = await run({
      activities: () => ({
        uploadSubmission: async () => left.shift() ?? { kind: 'accepted', digest: 'trained', bytes: 10 },
      }),
    });
    expect(summary.result).toBe('submitted');
    expect(uploads.map(({ signed }) => signed.block)).toEqual([36, 37, 38]);
  });

  test.concurrent('that never gets a good signature is tried once a block, until the phase ends', async () => {
    const running = await start({
      activities: () => ({ uploadSubmission: async () => ({ kind: 'sign_again', code: 'OST_HTTP_STALE_BLOCK' }) }),
    });
    while (running.uploads.length < 8) await sleep(50);
    running.chain.allow(44);
    expect(await running.handle.result()).toEqual({
      cycle: 0,
      result: 'missed',
      detail: 'the file was not taken within the Submission phase',
    });
    expect(running.uploads.map(({ signed }) => signed.block)).toEqual([36, 37, 38, 39, 40, 41, 42, 43]);
  });

  test.concurrent('that is refused ends the cycle with the server’s reason', async () => {
    const { summary, uploads } = await run({
      activities: () => ({
        uploadSubmission: async () => ({ kind: 'refused', code: 'OST_SUBMISSION_DUPLICATE', detail: 'one is there' }),
      }),
    });
    expect(summary).toEqual({ cycle: 0, result: 'refused', detail: 'OST_SUBMISSION_DUPLICATE: one is there' });
    expect(uploads).toHaveLength(1);
  });

  test.concurrent('that is under way when the phase ends is stopped', async () => {
    const running = await start({ activities: () => ({ uploadSubmission: () => untilCancelled() }) });
    while (running.uploads.length === 0) await sleep(50);
    running.chain.allow(44);
    expect(await running.handle.result()).toMatchObject({ result: 'missed' });
    expect(running.uploads).toHaveLength(1);
  });
});
