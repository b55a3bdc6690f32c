import { setTimeout as delay } from 'node:timers/promises';
import { Connection, type ConnectionOptions } from '@temporalio/client';
import proto from '@temporalio/proto';

const { SERVING } = proto.grpc.health.v1.HealthCheckResponse.ServingStatus;
const FRONTEND = 'temporal.api.workflowservice.v1.WorkflowService';

/** A server under start refuses connections for a while; gRPC's own first pause of a second would be too coarse. */
const quickReconnect = {
  'grpc.initial_reconnect_backoff_ms': 50,
  'grpc.max_reconnect_backoff_ms': 250,
  'grpc.enable_http_proxy': 0,
};

/** One health check of a server's frontend, bounded in time. */
export async function isHealthy(options: ConnectionOptions, timeoutMs: number): Promise<boolean> {
  const connection = Connection.lazy({ ...options, channelArgs: quickReconnect, interceptors: [] });
  try {
    const { status } = await connection.withDeadline(Date.now() + timeoutMs, () =>
      connection.healthService.check({ service: FRONTEND }),
    );
    return status === SERVING;
  } catch {
    return false;
  } finally {
    await connection.close();
  }
}

/** Asks until the server is healthy; false after `timeoutMs`, or as soon as `abandoned` resolves. */
export async function waitUntilHealthy(
  options: ConnectionOptions,
  timeoutMs: number,
  abandoned: () => boolean = () => false,
): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (!(await isHealthy(options, 2_000))) {
    if (abandoned() || Date.now() > deadline) return false;
    await delay(50);
  }
  return true;
}
