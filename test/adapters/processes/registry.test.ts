import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { adoptOrEnd, endProcess } from '../../../adapters/processes/end.ts';
import { identityOf, isAlive } from '../../../adapters/processes/identity.ts';
import { ProcessRegistry } from '../../../adapters/processes/registry.ts';
import { scripts, temporaryFolders } from '../../setup/processes.ts';

const folder = temporaryFolders();
const run = scripts();

const STAY = 'console.log("up"); setInterval(() => {}, 1000)';
const DEAF = 'process.on("SIGTERM", () => {}); console.log("up"); setInterval(() => {}, 1000)';

describe('the process registry', () => {
  test('lists what was registered, by role, until it is taken back', () => {
    const registry = new ProcessRegistry(folder());
    const validator = registry.register({ role: 'validator', label: '5Grw/run 1', ports: [7], namespace: 'v' });
    registry.register({ role: 'chain', label: 'local', address: 'ws://127.0.0.1:9944' });
    expect(registry.list()).toHaveLength(2);
    expect(registry.list('validator')).toEqual([validator]);
    registry.unregister(validator);
    expect(registry.list().map(({ role }) => role)).toEqual(['chain']);
  });

  test('drops a process that was killed, and its file with it', async () => {
    const state = folder();
    const registry = new ProcessRegistry(state);
    const { child, pid, line, exited } = run(STAY);
    await line();
    registry.register({ role: 'server', label: 'x', pid });
    expect(registry.list()).toHaveLength(1);
    child.kill('SIGKILL');
    await exited;
    expect(registry.list()).toEqual([]);
    expect(readdirSync(join(state, 'run'))).toEqual([]);
  });

  test('ignores files that hold no record', () => {
    const state = folder();
    const registry = new ProcessRegistry(state);
    registry.register({ role: 'server', label: 'x' });
    for (const [name, text] of Object.entries({ torn: '{"role":"ser', other: '[1]', wrong: '{"role":1}' })) {
      writeFileSync(join(state, 'run', `${name}.process.json`), text);
    }
    expect(registry.list()).toHaveLength(1);
  });
});

describe('ending a process', () => {
  test('is asked for first', async () => {
    const { pid, line, exited } = run(STAY);
    await line();
    const identity = identityOf(pid);
    expect(identity && (await endProcess(identity))).toBe('ended');
    expect(await exited).toEqual({ code: null, signal: 'SIGTERM' });
  });

  test('is enforced where it does not listen', async () => {
    const { pid, line, exited } = run(DEAF);
    await line();
    const identity = identityOf(pid);
    expect(identity && (await endProcess(identity, { graceMs: 100 }))).toBe('killed');
    expect(await exited).toEqual({ code: null, signal: 'SIGKILL' });
  });

  test('spares another program that was given the id since', async () => {
    const { pid, line } = run(STAY);
    await line();
    expect(await endProcess({ pid, startTime: 'of a process before it' })).toBe('was-gone');
    expect(identityOf(pid)).toBeDefined();
  });

  test('keeps of a killed predecessor’s processes those that can be used, and ends the others', async () => {
    const registry = new ProcessRegistry(folder());
    const [chain, miner] = [run(STAY), run(STAY)];
    await Promise.all([chain.line(), miner.line()]);
    const kept = registry.register({ role: 'chain', label: 'local', pid: chain.pid });
    const dropped = registry.register({ role: 'miner', label: 'a', pid: miner.pid });
    registry.register({ role: 'npm start', label: 'this very process' });
    const leftovers = await adoptOrEnd(registry, ({ role }) => role === 'chain');
    expect(leftovers).toEqual({ adopted: [kept], ended: [dropped] });
    expect([isAlive(kept), isAlive(dropped)]).toEqual([true, false]);
    expect(registry.list().map(({ role }) => role)).toEqual(['chain', 'npm start']);
  });
});
