import { mkdir, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { finishCycle } from '../../../activities/cycle/finish-cycle.ts';
import { modelRecord } from '../../../activities/cycle/model-record.ts';
import type { MergeRecord } from '../../../domain/merge/record.ts';
import { blocks, bytes, hotkey } from '../../../domain/units.ts';
import { type TinyModel, tinyModel } from '../../adapters/published-model/fixture.ts';
import { cycleRecord, submission } from '../../domain/cycle-fixture.ts';
import { asActivity } from '../as-activity.ts';
import { alice, validatorDeps } from '../validator-deps.ts';

let validator: Awaited<ReturnType<typeof validatorDeps>>;
let tiny: TinyModel;
beforeEach(async () => {
  validator = await validatorDeps();
  tiny = await tinyModel();
});
afterEach(async () => {
  await validator[Symbol.asyncDispose]();
  await tiny[Symbol.asyncDispose]();
});

/** A file that came so many minutes after the first. */
async function stored(minute: number): Promise<string> {
  const { store } = validator.deps;
  const { digest } = await store.put(new Uint8Array([minute, 0, 0]), 'application/vnd.safetensors');
  await utimes(store.path(digest), minute * 60, minute * 60);
  return digest;
}

async function finish(cycle: number, { keep = 1, gradients = [] as readonly string[] } = {}) {
  const { deps } = validator;
  const model = modelRecord(await deps.models.ensureBase(tiny.base));
  const submitted = gradients.map((digest) => ({ group: 0, digest, bytes: bytes(3), submissions: 1 }));
  const peer = { hotkey: alice, stakeRao: '1', reason: null, detail: null, announcement: null, soundFor: [] };
  const merge: MergeRecord = {
    result: 'merged',
    directoryBlock: blocks(1),
    announceBy: blocks(2),
    vouchBy: blocks(3),
    minimumContributors: 1,
    peers: [{ ...peer, outcome: 'merged', gradients: submitted }],
    excluded: [],
    readBack: null,
  };
  const changes = { modelBefore: model, modelAfter: model, merge };
  const record = cycleRecord([submission(1)], { cycle, changes });
  await asActivity(() => finishCycle({ ...deps, checkpointsKept: keep })({ record }));
}

const here = (digests: readonly string[]) => Promise.all(digests.map((digest) => validator.deps.store.has(digest)));

describe('at the end of a cycle', () => {
  test('the oldest submissions beyond max_checkpoints_cached go, and the model stays whole', async () => {
    const files = [await stored(1), await stored(2), await stored(3)];
    await finish(7, { keep: 2 });
    expect(await here(files)).toEqual([false, true, true]);
    const { deps } = validator;
    const { manifest } = await deps.models.ensureBase(tiny.base);
    expect(await deps.models.mend(manifest)).toEqual([]);
  });

  test('submissions of a later cycle stay, for a validator that was away closes two at a time', async () => {
    const { ledger, chainName: chain, netuid, hotkey: own } = validator.deps;
    const [old, waiting, newest] = [await stored(1), await stored(2), await stored(3)];
    const receipt = { chain, netuid, validator: own, hotkey: hotkey('5Miner'), group: 0, modelHash: 'ab'.repeat(24) };
    const rest = { bytes: bytes(3), block: blocks(1), receivedAtBlock: blocks(1) };
    await ledger.submissions.accept({ ...receipt, ...rest, cycle: 7, digest: old });
    await ledger.submissions.accept({ ...receipt, ...rest, cycle: 8, digest: waiting });
    await finish(7);
    expect(await here([old, waiting, newest])).toEqual([false, true, true]);
  });

  test('pseudo-gradients of the cycle stay for a validator that is late, and go with the next one', async () => {
    const [gradient, newest] = [await stored(1), await stored(2)];
    await finish(7, { gradients: [gradient] });
    expect(await here([gradient, newest])).toEqual([true, true]);
    await finish(8);
    expect(await here([gradient, newest])).toEqual([false, true]);
  });

  test('a file that somebody fetches stays until they have it', async () => {
    const [served, newest] = [await stored(1), await stored(2)];
    const letGo = await validator.deps.store.hold(served);
    await finish(7);
    expect(await here([served, newest])).toEqual([true, true]);
    letGo();
  });

  test('transfers in progress of this cycle and of those before go, and the next one’s stay', async () => {
    const { downloads, store } = validator.deps;
    const pulls = join(store.folder, 'pulls');
    for (const folder of [downloads, pulls]) await mkdir(folder, { recursive: true });
    for (const name of ['6-5Miner.partial', '6-5Miner.partial.chunks', '7-5Miner.partial', '8-5Miner.partial']) {
      await writeFile(join(pulls, name), 'half');
    }
    for (const name of ['gradient-ab.partial', 'model-ab.partial', '999999-5Miner.safetensors.partial']) {
      await writeFile(join(downloads, name), 'half');
    }
    await finish(7);
    expect(await readdir(pulls)).toEqual(['8-5Miner.partial']);
    expect(await readdir(downloads)).toEqual(['999999-5Miner.safetensors.partial']);
  });

  test('books are closed even where nothing can be tidied', async () => {
    await finish(7);
    await rm(join(validator.deps.store.folder, 'holds'), { recursive: true });
    await writeFile(join(validator.deps.store.folder, 'holds'), 'no folder');
    await finish(8);
    const { ledger, netuid } = validator.deps;
    expect((await ledger.cycles.latest(hotkey('5Validator'), { genesis: '0xaa', netuid }))?.record.cycle).toBe(8);
  });
});
