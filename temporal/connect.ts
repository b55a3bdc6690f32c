import { Client, Connection, type ConnectionOptions } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { NativeConnectionOptions } from '@temporalio/worker';
import { fail } from '../domain/errors/error.ts';
import { acquireTemporalCli } from './acquire.ts';
import { type EmbeddedUser, useEmbeddedTemporal } from './embedded.ts';
import { ensureNamespace } from './namespaces.ts';
import { registerSearchAttributes } from './search-attributes.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const CONNECT_TIMEOUT_MS = 15_000;

export interface TemporalWish {
  /** The folder whose embedded server is joined or started where no other server is named. */
  readonly stateFolder: string;
  /** The deployment's namespace; TEMPORAL_NAMESPACE or the profile's goes before it. */
  readonly namespace: string;
  /** Who asks, for the record of the embedded server's users. */
  readonly user: EmbeddedUser;
  /** `--temporal ADDRESS`: goes before everything else. */
  readonly explicitAddress?: string;
  /** The environment to read TEMPORAL_* and temporal.toml by; `ignored` for the demo and tests. */
  readonly environment?: Environment | 'ignored';
  readonly retentionDays?: number;
  /** How long a server that somebody named may take to answer. */
  readonly connectTimeoutMs?: number;
  /** The ports to try first for an embedded server. */
  readonly ports?: { readonly port: number; readonly uiPort?: number };
  /** Receives lines for people, such as the progress of a build. */
  readonly say?: (line: string) => void;
}

export interface TemporalTarget {
  readonly address: string;
  readonly namespace: string;
  readonly origin: 'flag' | 'environment' | 'embedded';
  /** The same options serve a `Connection` and a `NativeConnection`. */
  readonly connectionOptions: NativeConnectionOptions & { readonly address: string };
  /** The Web UI, where we know of one. */
  readonly uiUrl?: string;
  /** Whether this call started the embedded server. */
  readonly started: boolean;
  /** To be awaited on a clean exit, after all connections are closed: the last one out stops an embedded server. */
  readonly release: () => Promise<void>;
}

type Named = Pick<TemporalTarget, 'origin' | 'connectionOptions'> & { readonly namespace?: string };

const nothingToRelease = (): Promise<void> => Promise.resolve();

/** The variables that are set; an empty one counts as not set, as for the Temporal CLI. */
const setVariables = (environment: Environment): Record<string, string> =>
  Object.fromEntries(
    Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== ''),
  );

/** The server that the operator named, if any. */
function namedServer({ explicitAddress, environment = process.env }: TemporalWish): Named | undefined {
  // A named profile's certificates and keys are meant for its own address; a flag's address gets none of them.
  if (explicitAddress !== undefined) return { origin: 'flag', connectionOptions: { address: explicitAddress } };
  if (environment === 'ignored') return undefined;
  const { connectionOptions, namespace } = loadClientConnectConfig({ overrideEnvVars: setVariables(environment) });
  const { address } = connectionOptions;
  if (address === undefined) return undefined;
  // envconfig fills in a namespace of its own ("default") only where somebody wrote one.
  const named = namespace === undefined ? {} : { namespace };
  return { origin: 'environment', connectionOptions: { ...connectionOptions, address }, ...named };
}

/** The namespace that the environment asks for, for an embedded server too. */
function namedNamespace({ environment = process.env }: TemporalWish): string | undefined {
  return environment === 'ignored' ? undefined : environment['TEMPORAL_NAMESPACE'] || undefined;
}

async function locate(
  wish: TemporalWish,
): Promise<Omit<TemporalTarget, 'namespace'> & { readonly namespace?: string }> {
  const named = namedServer(wish);
  if (named !== undefined) {
    return { ...named, address: named.connectionOptions.address, started: false, release: nothingToRelease };
  }
  const { stateFolder, user, ports, say } = wish;
  const environment = wish.environment === 'ignored' ? undefined : wish.environment;
  const embedded = await useEmbeddedTemporal({
    stateFolder,
    user,
    ...(ports === undefined ? {} : { ports }),
    binary: async () =>
      (await acquireTemporalCli({ environment: environment ?? process.env, say: say ?? (() => {}) })).path,
  });
  const namespace = namedNamespace(wish);
  return {
    origin: 'embedded',
    address: embedded.address,
    connectionOptions: { address: embedded.address },
    started: embedded.started,
    release: embedded.release,
    ...(embedded.uiUrl === undefined ? {} : { uiUrl: embedded.uiUrl }),
    ...(namespace === undefined ? {} : { namespace }),
  };
}

/** @throws OST_TEMPORAL_UNREACHABLE */
async function open(
  options: TemporalTarget['connectionOptions'],
  connectTimeout = CONNECT_TIMEOUT_MS,
): Promise<Connection> {
  const { address } = options;
  try {
    return await Connection.connect({ ...clientOptions(options), connectTimeout });
  } catch (error) {
    throw fail('OST_TEMPORAL_UNREACHABLE', { address }, { cause: error });
  }
}

/** What of a native connection's options a plain connection takes. */
const clientOptions = ({ address, tls, apiKey, metadata }: NativeConnectionOptions): ConnectionOptions => ({
  ...(address === undefined ? {} : { address }),
  ...(tls === undefined ? {} : { tls }),
  ...(apiKey === undefined ? {} : { apiKey }),
  ...(metadata === undefined ? {} : { metadata }),
});

/**
 * Finds the Temporal server to use: the one named by flag, environment or temporal.toml, else the embedded one of the
 * state folder, which is started where none runs. Its namespace and search attributes are there when this returns.
 * @throws OST_TEMPORAL_UNREACHABLE, OST_TEMPORAL_NO_BINARY, OST_TEMPORAL_START_FAILED, OST_TEMPORAL_NAMESPACE,
 * OST_TEMPORAL_SEARCH_ATTRIBUTE
 */
export async function resolveTemporal(wish: TemporalWish): Promise<TemporalTarget> {
  const located = await locate(wish);
  const namespace = located.namespace ?? wish.namespace;
  try {
    const connection = await open(located.connectionOptions, wish.connectTimeoutMs);
    try {
      await ensureNamespace(connection, namespace, wish.retentionDays);
      await registerSearchAttributes(connection, namespace);
    } finally {
      await connection.close();
    }
  } catch (error) {
    await located.release();
    throw error;
  }
  return { ...located, namespace };
}

/** A client of the target; its connection is the caller's to close. */
export async function connectClient(
  target: Pick<TemporalTarget, 'connectionOptions' | 'namespace'>,
): Promise<{ readonly client: Client; readonly connection: Connection }> {
  const connection = await open(target.connectionOptions);
  return { connection, client: new Client({ connection, namespace: target.namespace }) };
}
