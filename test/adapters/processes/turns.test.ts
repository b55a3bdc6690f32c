import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startEvaluator } from '../../../adapters/model/evaluator.ts';
import { Turns } from '../../../adapters/processes/turns.ts';
import { base, modelFolder, temporaryFolder } from '../model/reference.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let path: string;
const children: ChildProcess[] = [];
beforeEach(async () => {
  folder = await temporaryFolder();
  path = join(folder.path, 'run', 'devices.sqlite');
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await folder[Symbol.asyncDispose]();
});

const { signal } = new AbortController();
const request = { thing: 'cpu-0', longestMs: 60_000, signal };

/** Another process that has the thing and does not give it back. */
async function holder(): Promise<ChildProcess> {
  const entry = join(import.meta.dirname, 'turn-holder.ts');
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', entry, path, 'cpu-0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  children.push(child);
  await once(child.stdout ?? child, 'data');
  return child;
}

const isSettled = async (promise: Promise<unknown>): Promise<boolean> =>
  Promise.race([promise.then(() => true), delay(150).then(() => false)]);

describe('a device that two deployments share', () => {
  test('is used by one at a time, in the order of asking, so that neither starves the other', async () => {
    using first = new Turns(path);
    using second = new Turns(path);
    const order: string[] = [];
    let users = 0;
    const work = async (turns: Turns, name: string, jobs: number): Promise<void> => {
      for (let job = 0; job < jobs; job += 1) {
        const end = await turns.take(request);
        users += 1;
        expect(users).toBe(1);
        order.push(name);
        // Long enough for the other one to stand in line again.
        await delay(5);
        users -= 1;
        end();
      }
    };
    await Promise.all([work(first, 'a', 6), work(second, 'b', 6)]);
    expect(order.join('')).toMatch(/^(ab){6}$|^(ba){6}$/);
  });

  test('goes on to the next when a process is killed that has it', async () => {
    const child = await holder();
    using mine = new Turns(path);
    const turn = mine.take(request);
    expect(await isSettled(turn)).toBe(false);
    child.kill('SIGKILL');
    (await turn)();
  });

  test('goes on to the next when a process is stopped that has it, once its time is over', async () => {
    using stopped = new Turns(path);
    using mine = new Turns(path);
    await stopped.take({ ...request, longestMs: 1 });
    (await mine.take(request))();
  });

  test('is nobody’s who gave up waiting', async () => {
    using first = new Turns(path);
    using second = new Turns(path);
    const end = await first.take(request);
    const giveUp = new AbortController();
    const waiting = second.take({ ...request, signal: giveUp.signal });
    giveUp.abort(new Error('the phase is over'));
    await expect(waiting).rejects.toThrow('the phase is over');
    end();
    (await first.take(request))();
  });

  test('does not keep who uses another one', async () => {
    using turns = new Turns(path);
    const end = await turns.take(request);
    (await turns.take({ ...request, thing: 'cpu-1' }))();
    end();
  });

  test('is used without asking where nobody can ask, with a word about why', async () => {
    await mkdir(join(folder.path, 'run'));
    await writeFile(path, 'this is no database, and a good deal longer than the header of one has to be '.repeat(20));
    const problems: string[] = [];
    using turns = new Turns(path, (problem) => problems.push(problem));
    (await turns.take(request))();
    expect(problems.join()).toMatch(/not a database/);
  });

  test('computes for one deployment within seconds of the kill of the other one’s process', async () => {
    const rows = Array.from({ length: 4 }, (_, row) => ({ group: 2, row }));
    const job = { parts: base, group: 2, rows, batchSize: 4, timeoutMs: 50_000 };
    using turns = new Turns(path);
    const evaluator = await startEvaluator({ modelFolder, threads: 1, turns });
    try {
      const child = await holder();
      const losses = evaluator.evaluate(job);
      expect(await isSettled(losses)).toBe(false);
      child.kill('SIGKILL');
      expect((await losses).nonFinite).toBe(0);
    } finally {
      await evaluator.close();
    }
  });
});
