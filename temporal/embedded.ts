import { join } from 'node:path';
import { isAlive, type ProcessIdentity } from '../adapters/processes/identity.ts';
import { withLock } from '../adapters/processes/lock.ts';
import type { ProcessRecord } from '../adapters/processes/record.ts';
import { ProcessRegistry } from '../adapters/processes/registry.ts';
import { probeCli } from './cli-version.ts';
import { type DevServer, startDevServer, stopDevServer } from './dev-server.ts';
import { waitUntilHealthy } from './health.ts';

const ROLE = 'temporal';
const LABEL = 'embedded';
/** Temporal's own default ports, so that its tools find the server without being told. */
const DEFAULT_PORTS = { port: 7233, uiPort: 8233 } as const;
/** A starter may have to wait for another one's whole start. */
const LOCK_TIMEOUT_MS = 120_000;
/** A server that was recorded but does not answer may still be starting, or be starved of CPU. */
const JOIN_TIMEOUT_MS = 30_000;

export interface EmbeddedUser {
  /** Which command it is: `validator`, `server`, `miner io` … */
  readonly role: string;
  readonly label: string;
}

export interface EmbeddedTemporal {
  readonly address: string;
  readonly uiUrl?: string;
  readonly server: ProcessIdentity;
  /** Whether this call started it; else it was joined. */
  readonly started: boolean;
  /** Says that this user is done; the last one out stops the server. May be called twice. */
  readonly release: () => Promise<void>;
}

export interface EmbeddedOptions {
  readonly stateFolder: string;
  readonly user: EmbeddedUser;
  /** Finds the Temporal CLI, or makes it; asked only where a server must be started. */
  readonly binary: () => Promise<string>;
  readonly ports?: { readonly port: number; readonly uiPort?: number };
}

const lockPath = (stateFolder: string): string => join(stateFolder, 'run', 'temporal.lock');

/** The users of the embedded server have records of their own, apart from the list of roles that people look at. */
const usersOf = (stateFolder: string): ProcessRegistry => new ProcessRegistry(stateFolder, 'temporal-users');

function record(registry: ProcessRegistry, server: DevServer): void {
  registry.register({
    role: ROLE,
    label: LABEL,
    pid: server.pid,
    ports: [server.port, ...(server.uiPort === undefined ? [] : [server.uiPort])],
    address: server.address,
    ...(server.uiUrl === undefined ? {} : { url: server.uiUrl }),
  });
}

/** The recorded server, if it still answers; one that runs but no longer answers is ended. */
async function joinRecorded(registry: ProcessRegistry): Promise<ProcessRecord | undefined> {
  for (const server of registry.list(ROLE)) {
    const { address } = server;
    if (address !== undefined && (await waitUntilHealthy({ address }, JOIN_TIMEOUT_MS, () => !isAlive(server)))) {
      return server;
    }
    await stopDevServer(server);
    registry.unregister(server);
  }
  return undefined;
}

async function start(registry: ProcessRegistry, { stateFolder, binary, ports }: EmbeddedOptions): Promise<DevServer> {
  const path = await binary();
  const probe = probeCli(path);
  const version = probe.kind === 'usable' ? probe.version : 'unknown';
  return startDevServer({
    binary: path,
    logFile: join(stateFolder, 'logs', 'temporal.log'),
    // One file per version: the development server writes its schema only into a new file and never migrates one.
    databaseFile: join(stateFolder, `temporal-${version}.db`),
    ...(ports ?? DEFAULT_PORTS),
    onSpawn: (server) => record(registry, server),
  });
}

async function leave(stateFolder: string, user: ProcessRecord): Promise<void> {
  const users = usersOf(stateFolder);
  await withLock(lockPath(stateFolder), 'temporal stop', { timeoutMs: LOCK_TIMEOUT_MS }, async () => {
    users.unregister(user);
    if (users.list().length > 0) return;
    const registry = new ProcessRegistry(stateFolder);
    for (const server of registry.list(ROLE)) {
      await stopDevServer(server);
      registry.unregister(server);
    }
  });
}

/**
 * Joins the embedded server of a state folder, or starts it: the first one starts it and records it, and of two that
 * begin at once the second waits for the first. What a killed command left running is joined like any other.
 * @throws OST_TEMPORAL_START_FAILED and what `binary` throws
 */
export async function useEmbeddedTemporal(options: EmbeddedOptions): Promise<EmbeddedTemporal> {
  const { stateFolder, user } = options;
  const registry = new ProcessRegistry(stateFolder);
  return withLock(lockPath(stateFolder), 'temporal start', { timeoutMs: LOCK_TIMEOUT_MS }, async () => {
    const joined = await joinRecorded(registry);
    const server = joined ?? (await start(registry, options));
    const uiUrl = 'uiUrl' in server ? server.uiUrl : joined?.url;
    const mine = usersOf(stateFolder).register(user);
    let released: Promise<void> | undefined;
    return {
      address: String(server.address),
      ...(uiUrl === undefined ? {} : { uiUrl }),
      server: { pid: server.pid, startTime: server.startTime },
      started: joined === undefined,
      release: () => (released ??= leave(stateFolder, mine)),
    };
  });
}
