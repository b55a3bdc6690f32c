import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { startChild } from '../../../adapters/processes/children.ts';
import { isAlive } from '../../../adapters/processes/identity.ts';
import { nodeFlags } from '../../../adapters/processes/node-flags.ts';
import type { ProcessRecord } from '../../../adapters/processes/record.ts';
import { ProcessRegistry } from '../../../adapters/processes/registry.ts';
import { temporaryFolders } from '../../setup/processes.ts';

const folder = temporaryFolders();
const main = join(import.meta.dirname, '../../../cli/main.ts');
/** Processes that start beside those of other tests, and are told to stop before they are there. */
const timeoutMs = 180_000;

/** A demo of another size than the usual one has a folder of its own in the state folder. */
const processesOf = (state: string) => new ProcessRegistry(join(state, 'demo-1x1'));

const startDemo = (state: string, said: string[]) =>
  startChild({
    label: 'demo',
    command: process.execPath,
    args: [...nodeFlags, main, 'demo', '--state', state, '--plain', '--miners', '1', '--cycles', '1'],
    onLine: ({ msg }) => said.push(msg),
    graceMs: 60_000,
  });

async function recorded(state: string, role: string): Promise<ProcessRecord> {
  for (;;) {
    const [record] = processesOf(state).list(role);
    if (record !== undefined) return record;
    await sleep(20);
  }
}

test(
  'a demo that is stopped while it starts says so, and leaves no process behind',
  async () => {
    const state = folder();
    const said: string[] = [];
    const demo = await startDemo(state, said);
    const temporal = await recorded(state, 'temporal');

    await demo.stop();

    const { code } = await demo.exited;
    expect(code).toBe(1);
    const words = said.join('\n');
    expect(words).toMatch(/^demo +Stopping$/m);
    expect(words).toContain('OST_DEMO_INTERRUPTED');
    expect(isAlive(temporal)).toBe(false);
    expect(processesOf(state).list()).toEqual([]);
  },
  timeoutMs,
);

test(
  'what a killed demo left running is ended by the next one, which joins its Temporal',
  async () => {
    const state = folder();
    const killed = await startDemo(state, []);
    const [temporal, validator] = [await recorded(state, 'temporal'), await recorded(state, 'validator')];
    process.kill(killed.pid, 'SIGKILL');
    await killed.exited;
    expect([isAlive(temporal), isAlive(validator)]).toEqual([true, true]);

    const said: string[] = [];
    const next = await startDemo(state, said);
    while (!said.some((line) => line.includes('Starting Temporal'))) await sleep(20);
    expect(said.join('\n')).toMatch(/^demo +Ending what an earlier start left behind: .*validator/m);
    expect([isAlive(temporal), isAlive(validator)]).toEqual([true, false]);
    await next.stop();

    expect(isAlive(temporal)).toBe(false);
    // On a slow machine the validator is killed while it still starts; its signer then ends by itself.
    while (processesOf(state).list().length > 0) await sleep(20);
  },
  timeoutMs,
);
