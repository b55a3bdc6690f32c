import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { tryLock, withLock } from '../../../adapters/processes/lock.ts';
import { acquireStateLock } from '../../../adapters/processes/state-lock.ts';
import { isOstinatoError } from '../../../domain/errors/error.ts';
import { scripts, source, temporaryFolders } from '../../setup/processes.ts';

const folder = temporaryFolders();
const run = scripts();

const HOLD = `
  const { acquireStateLock } = await import('${source('adapters/processes/state-lock.ts')}');
  acquireStateLock(process.argv[1], 'npm start');
  console.log('held');
  setInterval(() => {}, 1000);
`;

describe('a lock', () => {
  test('is refused to a second asker, who learns who holds it, and free again after its release', () => {
    const path = join(folder(), 'a.lock');
    const first = tryLock(path, 'first');
    const second = tryLock(path, 'second');
    expect(first.kind).toBe('held');
    expect(second).toMatchObject({ kind: 'busy', holder: { pid: process.pid, role: 'first' } });
    if (first.kind === 'held') first.lock.release();
    const third = tryLock(path, 'third');
    expect(third).toMatchObject({ kind: 'held' });
    expect(third.kind === 'held' && third.lock.abandonedBy).toBeUndefined();
    if (third.kind === 'held') third.lock.release();
  });

  test('lets one process in at a time', async () => {
    const path = join(folder(), 'a.lock');
    const counter = join(folder(), 'counter');
    const increment = `
      import { existsSync, readFileSync, writeFileSync } from 'node:fs';
      import { setTimeout as delay } from 'node:timers/promises';
      const { withLock } = await import('${source('adapters/processes/lock.ts')}');
      const [path, counter] = process.argv.slice(1);
      for (let i = 0; i < 5; i += 1) {
        await withLock(path, 'counter', { timeoutMs: 60_000 }, async () => {
          const before = existsSync(counter) ? Number(readFileSync(counter, 'utf8')) : 0;
          await delay(5);
          writeFileSync(counter, String(before + 1));
          if (before + 1 === 15) console.log('fifteen');
        });
      }
    `;
    const all = [0, 1, 2].map(() => run(increment, path, counter));
    const lines = await Promise.all(all.map(({ line }) => line()));
    expect(lines.filter((line) => line === 'fifteen')).toHaveLength(1);
  });

  test('says that it was waited for in vain', async () => {
    const path = join(folder(), 'a.lock');
    const held = tryLock(path, 'slow');
    let waitedFor: string | undefined;
    const options = {
      timeoutMs: 60,
      onWait: (holder: { readonly role: string } | undefined) => (waitedFor = holder?.role),
    };
    const attempt = withLock(path, 'impatient', options, () => Promise.resolve());
    await expect(attempt).rejects.toMatchObject({ code: 'OST_LOCK_TIMEOUT' });
    expect(waitedFor).toBe('slow');
    if (held.kind === 'held') held.lock.release();
  });
});

describe('a state folder', () => {
  test('belongs to one program at a time, and the error names it', async () => {
    const state = folder();
    const holder = run(HOLD, state);
    expect(await holder.line()).toBe('held');
    let error: unknown;
    try {
      acquireStateLock(state, 'npm start');
    } catch (thrown) {
      error = thrown;
    }
    expect(isOstinatoError(error, 'OST_STATE_LOCKED')).toBe(true);
    expect(String(error)).toContain(`npm start (process ${holder.pid}`);
  });

  test('is taken over from a program that was killed, and who that was is known', async () => {
    const state = folder();
    const holder = run(HOLD, state);
    await holder.line();
    holder.child.kill('SIGKILL');
    await holder.exited;
    const lock = acquireStateLock(state, 'npm start');
    expect(lock.abandonedBy).toMatchObject({ pid: holder.pid, role: 'npm start' });
    lock.release();
  });
});
