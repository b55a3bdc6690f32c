import type { ValidatorConfig } from '../../config/schema/deployment.ts';

const TIMEOUT_MS = 5_000;

/** Whether the model server of this machine answers `GET /health`; null for yes, else the reason. */
export async function serverTrouble(
  config: Pick<ValidatorConfig, 'server_host' | 'server_port'>,
): Promise<string | null> {
  const { server_host: host, server_port: port } = config;
  // A server that listens on every address is asked on the loopback one.
  const address = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  const url = `http://${address}:${port}/health`;
  try {
    const { ok, status } = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    return ok ? null : `${url} answers ${status}`;
  } catch (error) {
    return `${url} does not answer: ${error instanceof Error ? error.message : String(error)}`;
  }
}
