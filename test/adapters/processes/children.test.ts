import { EventEmitter, once } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import { describeExit, startChild } from '../../../adapters/processes/children.ts';
import { identityOf } from '../../../adapters/processes/identity.ts';
import type { LogLine } from '../../../adapters/processes/log-line.ts';

const script = (source: string) => ({ label: 'child', command: process.execPath, args: ['--eval', source] });

describe('a child', () => {
  test('hands over its log lines, structured or not, from both streams', async () => {
    const lines: LogLine[] = [];
    const child = await startChild({
      ...script(`
        console.log(JSON.stringify({ level: 40, event: 'phase_started', msg: 'Training', block: 7 }));
        console.log('{torn');
        console.error('plain');
      `),
      onLine: (line) => lines.push(line),
    });
    await child.exited;
    expect(lines).toHaveLength(3);
    expect(lines).toContainEqual({
      msg: 'Training',
      event: 'phase_started',
      level: 40,
      fields: { level: 40, event: 'phase_started', msg: 'Training', block: 7 },
    });
    expect(lines).toContainEqual({ msg: 'plain', level: 30, fields: { msg: 'plain' } });
    expect(lines).toContainEqual({ msg: '{torn', level: 30, fields: { msg: '{torn' } });
  });

  test('that ends by itself is recorded as not asked to, with its last words', async () => {
    const child = await startChild(script('console.error("out of memory"); process.exitCode = 3'));
    const exit = await child.exited;
    expect(exit).toMatchObject({ code: 3, signal: null, asked: false, lastLines: ['out of memory'] });
    expect(child.exit()).toEqual(exit);
    expect(describeExit(exit)).toBe('exit code 3, after saying: out of memory');
  });

  test('that is stopped may finish its work', async () => {
    const said = new EventEmitter();
    const up = once(said, 'up');
    const child = await startChild({
      ...script(`
        process.on('SIGTERM', () => { console.log('saved'); process.exit(0); });
        console.log('up');
        setInterval(() => {}, 1e3);
      `),
      onLine: ({ msg }) => said.emit(msg),
    });
    await up;
    expect(child.exit()).toBeUndefined();
    expect(await child.stop()).toBe('ended');
    expect(await child.exited).toMatchObject({ code: 0, asked: true, lastLines: ['up', 'saved'] });
  });

  test('that does not listen is killed, and its own children with it', async () => {
    const said = new EventEmitter();
    const up = once(said, 'up');
    const child = await startChild({
      ...script(`
        process.on('SIGTERM', () => {});
        const { pid } = require('node:child_process').spawn(process.execPath, ['--eval', 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1e3)'], { stdio: 'inherit' });
        console.log(JSON.stringify({ msg: 'up', pid }));
        setInterval(() => {}, 1e3);
      `),
      graceMs: 200,
      onLine: ({ msg, fields }) => said.emit(msg, fields['pid']),
    });
    const [grandchild] = await up;
    expect(await child.stop()).toBe('killed');
    expect(await child.exited).toMatchObject({ signal: 'SIGKILL', asked: true });
    expect(identityOf(Number(grandchild))).toBeUndefined();
  });

  test('that cannot be started says why', async () => {
    const attempt = startChild({ label: 'the trainer', command: '/no/such/program', args: [] });
    await expect(attempt).rejects.toMatchObject({ code: 'OST_CHILD_NOT_STARTED' });
  });
});
