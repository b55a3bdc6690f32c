import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { identityOf, isAlive } from '../../adapters/processes/identity.ts';
import { ProcessRegistry } from '../../adapters/processes/registry.ts';
import { resolveTemporal, type TemporalTarget } from '../../temporal/connect.ts';
import { stopDevServer } from '../../temporal/dev-server.ts';
import { isHealthy } from '../../temporal/health.ts';
import { testVariable } from '../setup/environment.ts';
import { scripts, source, temporaryFolders } from '../setup/processes.ts';

const folders: string[] = [];
const newFolder = temporaryFolders();
const run = scripts();

const serverOf = (state: string) => new ProcessRegistry(state).list('temporal')[0];

/** Tests that fail half-way must not leave a server behind. */
afterEach(async () => {
  for (const state of folders.splice(0)) {
    for (const server of new ProcessRegistry(state).list('temporal')) await stopDevServer(server);
  }
});

function stateFolder(): string {
  const state = newFolder();
  folders.push(state);
  return state;
}

const use = (state: string, namespace: string): Promise<TemporalTarget> =>
  resolveTemporal({
    stateFolder: state,
    namespace,
    user: { role: 'test', label: namespace },
    environment: { TEMPORAL_CLI_PATH: testVariable('cli'), TEMPORAL_CONFIG_FILE: join(state, 'none.toml') },
    ports: { port: 0 },
  });

/** A command of its own: prints the address, and ends in order on SIGTERM. */
const COMMAND = `
  const { resolveTemporal } = await import('${source('temporal/connect.ts')}');
  const [stateFolder, namespace, cli] = process.argv.slice(1);
  const target = await resolveTemporal({
    stateFolder, namespace, user: { role: namespace, label: 'x' }, ports: { port: 0 },
    environment: { TEMPORAL_CLI_PATH: cli, TEMPORAL_CONFIG_FILE: stateFolder + '/none.toml' },
  });
  process.once('SIGTERM', () => target.release().then(() => process.exit(0)));
  console.log(JSON.stringify({ address: target.address, started: target.started }));
  setInterval(() => {}, 1000);
`;

const command = (state: string, namespace: string) => run(COMMAND, state, namespace, testVariable('cli'));

async function answer({ line }: ReturnType<typeof command>): Promise<{ address: string; started: boolean }> {
  const value: unknown = JSON.parse(await line());
  expect(value).toMatchObject({ address: expect.stringContaining('127.0.0.1:') });
  return value as { address: string; started: boolean };
}

describe('the embedded Temporal server of a state folder', () => {
  test('is started by the first, joined by the second in a namespace of its own, and stopped by the last one out', async () => {
    const state = stateFolder();
    const first = await use(state, 'validator');
    const second = await use(state, 'miner');
    const server = serverOf(state);
    expect([first.started, second.started]).toEqual([true, false]);
    expect(second.address).toBe(first.address);
    expect(server?.address).toBe(first.address);
    await first.release();
    await first.release();
    expect(await isHealthy({ address: first.address }, 5_000)).toBe(true);
    await second.release();
    expect(server !== undefined && isAlive(server)).toBe(false);
    expect(serverOf(state)).toBeUndefined();
  });

  test('is one where two commands begin at the same instant', async () => {
    const state = stateFolder();
    const commands = [command(state, 'validator'), command(state, 'miner')];
    const answers = await Promise.all(commands.map(answer));
    expect(answers[0]?.address).toBe(answers[1]?.address);
    expect(answers.filter(({ started }) => started)).toHaveLength(1);
    for (const { child } of commands) child.kill('SIGTERM');
    expect(await Promise.all(commands.map(({ exited }) => exited))).toEqual(
      commands.map(() => ({ code: 0, signal: null })),
    );
    expect(serverOf(state)).toBeUndefined();
  });

  test('outlives a user that is killed, and is stopped by the next one that leaves in order', async () => {
    const state = stateFolder();
    const killed = command(state, 'validator');
    const { address } = await answer(killed);
    killed.child.kill('SIGKILL');
    await killed.exited;
    const next = await use(state, 'validator');
    expect(next).toMatchObject({ address, started: false });
    await next.release();
    expect(serverOf(state)).toBeUndefined();
  });

  test('goes on with its workflows after a kill -9, in a file named after the CLI’s version', async () => {
    const state = stateFolder();
    const first = await use(state, 'validator');
    const connection = await Connection.connect({ address: first.address });
    await new Client({ connection, namespace: 'validator' }).workflow.start('Waiting', {
      workflowId: 'cycle/1',
      taskQueue: 'q',
    });
    await connection.close();
    const server = serverOf(state);
    process.kill(Number(server?.pid), 'SIGKILL');

    const second = await use(state, 'validator');
    expect(second.started).toBe(true);
    const again = await Connection.connect({ address: second.address });
    const handle = new Client({ connection: again, namespace: 'validator' }).workflow.getHandle('cycle/1');
    expect((await handle.describe()).status.name).toBe('RUNNING');
    await again.close();
    expect(readdirSync(state).filter((name) => name.endsWith('.db'))).toEqual([
      expect.stringMatching(/^temporal-\d+\.\d+\.\d+.*\.db$/),
    ]);
    await second.release();
    await first.release();
  });

  test('is not confused with another process that was given the id of a dead server', async () => {
    const state = stateFolder();
    const stranger = run('console.log("up"); setInterval(() => {}, 1000)');
    await stranger.line();
    new ProcessRegistry(state).register({
      role: 'temporal',
      label: 'embedded',
      pid: stranger.pid,
      address: '127.0.0.1:1',
    });
    const [file = ''] = readdirSync(join(state, 'run'));
    const record: unknown = JSON.parse(readFileSync(join(state, 'run', file), 'utf8'));
    writeFileSync(join(state, 'run', file), JSON.stringify({ ...Object(record), startTime: 'of the dead server' }));
    const target = await use(state, 'validator');
    expect(target.started).toBe(true);
    await target.release();
    expect(identityOf(stranger.pid)).toBeDefined();
  });
});
