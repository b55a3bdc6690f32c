import { NativeConnection } from '@temporalio/worker';
import { fail } from '../domain/errors/error.ts';
import type { TemporalTarget } from './connect.ts';

/**
 * A worker's connection; the caller's to close, after its workers have ended. Apart from connect.ts, since it loads
 * the native core, which commands without a worker do without.
 * @throws OST_TEMPORAL_UNREACHABLE
 */
export async function connectNative(target: Pick<TemporalTarget, 'connectionOptions'>): Promise<NativeConnection> {
  try {
    return await NativeConnection.connect(target.connectionOptions);
  } catch (error) {
    throw fail('OST_TEMPORAL_UNREACHABLE', { address: target.connectionOptions.address }, { cause: error });
  }
}
