import { Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { Environment } from '../../config/environment.ts';
import { loadConfig } from '../../config/load.ts';
import type { Role } from '../../config/roles.ts';
import type { ValidatorConfig } from '../../config/schema/deployment.ts';
import { messageOf } from '../../domain/errors/error.ts';
import { serverTrouble } from './server.ts';
import { workerTrouble } from './worker.ts';

const CONNECT_TIMEOUT_MS = 5_000;

export interface HealthOptions {
  readonly role: Role;
  readonly path?: string | undefined;
  readonly env?: Environment | undefined;
  readonly cwd?: string | undefined;
}

/** Only a server that is named: a health check must never start an embedded one. */
async function askTemporal(
  role: 'validator' | 'miner',
  temporal: ValidatorConfig['temporal'],
  env: Environment,
): Promise<string | null> {
  const set = Object.entries(env).filter((entry): entry is [string, string] => (entry[1] ?? '') !== '');
  const { connectionOptions, namespace } = loadClientConnectConfig({ overrideEnvVars: Object.fromEntries(set) });
  const address = connectionOptions.address ?? temporal.address;
  const space = namespace ?? temporal.namespace;
  if (address === null || space === null)
    return 'no Temporal server and namespace are named: set TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE';
  const { tls, apiKey, metadata } = connectionOptions;
  const connection = await Connection.connect({
    address,
    connectTimeout: CONNECT_TIMEOUT_MS,
    ...(tls === undefined ? {} : { tls }),
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(metadata === undefined ? {} : { metadata }),
  });
  try {
    return await workerTrouble(connection, space, role);
  } finally {
    await connection.close();
  }
}

/** `ostinato health ROLE`, for containers and monitors: writes one line and says whether all is well. */
export async function health(options: HealthOptions, write: (line: string) => void): Promise<boolean> {
  const { role, path, env, cwd } = options;
  const { config, environment } = loadConfig({ role, path, env, cwd });
  const ask = (): Promise<string | null> => {
    if (role === 'server' && 'server_host' in config) return serverTrouble(config);
    return askTemporal(role === 'miner' ? 'miner' : 'validator', config.temporal, environment);
  };
  const trouble = await ask().catch(messageOf);
  write(trouble === null ? `${role}: ok` : `${role}: ${trouble}`);
  return trouble === null;
}
