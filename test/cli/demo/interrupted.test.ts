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

test('a demo that is stopped while it starts says so, and leaves no process behind', async () => {
  const state = folder();
  const said: string[] = [];
  const demo = await startChild({
    label: 'demo',
    command: process.execPath,
    args: [...nodeFlags, main, 'demo', '--state', state, '--plain', '--miners', '1', '--cycles', '1'],
    onLine: ({ msg }) => said.push(msg),
    graceMs: 60_000,
  });
  // A demo of another size than the usual one has a folder of its own.
  const processes = new ProcessRegistry(join(state, 'demo-1x1'));
  let temporal: ProcessRecord | undefined;
  while (temporal === undefined) {
    await sleep(20);
    [temporal] = processes.list('temporal');
  }

  await demo.stop();

  const { code } = await demo.exited;
  expect(code).toBe(1);
  const words = said.join('\n');
  expect(words).toMatch(/^demo +Stopping$/m);
  expect(words).toContain('OST_DEMO_INTERRUPTED');
  expect(isAlive(temporal)).toBe(false);
  expect(processes.list()).toEqual([]);
});
