import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive, ownIdentity } from '../../adapters/processes/identity.ts';
import type { ProcessRecord } from '../../adapters/processes/record.ts';
import { ProcessRegistry } from '../../adapters/processes/registry.ts';
import { acquireTemporalCli } from '../../temporal/acquire.ts';
import { startDevServer, stopDevServer } from '../../temporal/dev-server.ts';

const ROLE = 'test-temporal';

/** Test servers are written down outside of any run's own folder, so that a later run finds what a killed one left. */
const registry = (): ProcessRegistry => new ProcessRegistry(join(tmpdir(), 'ostinato-test-servers'));

const ownerOf = ({ label }: ProcessRecord): { readonly pid: number; readonly startTime: string } => {
  const [pid = '0', startTime = ''] = label.split(' ');
  return { pid: Number(pid), startTime };
};

async function stop(server: ProcessRecord): Promise<void> {
  await stopDevServer(server);
  registry().unregister(server);
}

export interface TestServer {
  readonly address: string;
  readonly cli: string;
}

/** Starts this run's own server, on any free port. */
export async function startTestServer(folder: string): Promise<TestServer> {
  for (const server of registry().list(ROLE)) if (!isAlive(ownerOf(server))) await stop(server);
  const { path } = await acquireTemporalCli({
    environment: process.env,
    say: (line) => process.stderr.write(`${line}\n`),
  });
  const owner = ownIdentity();
  const { address } = await startDevServer({
    binary: path,
    logFile: join(folder, 'temporal.log'),
    databaseFile: join(folder, 'temporal.db'),
    scratch: true,
    onSpawn: ({ pid, port, address }) =>
      registry().register({ role: ROLE, label: `${owner.pid} ${owner.startTime}`, pid, ports: [port], address }),
  });
  return { address, cli: path };
}

/** Stops this run's server and takes its folder away. */
export async function stopTestServer(folder: string): Promise<void> {
  for (const server of registry().list(ROLE)) if (ownerOf(server).pid === process.pid) await stop(server);
  rmSync(folder, { recursive: true, force: true });
}
