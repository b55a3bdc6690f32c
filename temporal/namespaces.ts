import { setTimeout as delay } from 'node:timers/promises';
import type { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { fail, messageOf } from '../domain/errors/error.ts';
import { hasGrpcStatus } from './grpc.ts';

const MS_PER_DAY = 86_400_000;
/** A frontend learns of a new namespace from its registry, which it reads again every few seconds. */
const VISIBLE_TIMEOUT_MS = 30_000;

/** How long closed histories stay: long enough for a dispute; what lasts is in the ledger. */
export const DEFAULT_RETENTION_DAYS = 7;

async function exists(connection: Connection, namespace: string): Promise<boolean> {
  try {
    await connection.workflowService.describeNamespace({ namespace });
    return true;
  } catch (error) {
    if (hasGrpcStatus(error, 'NOT_FOUND')) return false;
    throw error;
  }
}

/** Whether ordinary calls know the namespace; describing one reads the store and would not tell. */
async function visible(connection: Connection, namespace: string): Promise<boolean> {
  try {
    await connection.operatorService.listSearchAttributes({ namespace });
    return true;
  } catch (error) {
    if (hasGrpcStatus(error, 'NOT_FOUND')) return false;
    throw error;
  }
}

async function register(connection: Connection, namespace: string, retentionDays: number): Promise<void> {
  try {
    await connection.workflowService.registerNamespace({
      namespace,
      description: 'Ostinato',
      workflowExecutionRetentionPeriod: msToTs(retentionDays * MS_PER_DAY),
    });
  } catch (error) {
    // Another process registered it between the look and the call.
    if (!hasGrpcStatus(error, 'ALREADY_EXISTS')) throw error;
  }
}

/**
 * Makes sure that a namespace is there and can be used. An existing one stays as it is: its retention is its operator's
 * decision. Safe to call from several processes at once, at every start.
 * @throws OST_TEMPORAL_NAMESPACE
 */
export async function ensureNamespace(
  connection: Connection,
  namespace: string,
  retentionDays = DEFAULT_RETENTION_DAYS,
): Promise<void> {
  try {
    if (!(await exists(connection, namespace))) await register(connection, namespace, retentionDays);
    const deadline = Date.now() + VISIBLE_TIMEOUT_MS;
    while (!(await visible(connection, namespace))) {
      if (Date.now() > deadline)
        throw new Error(`the server does not know it ${VISIBLE_TIMEOUT_MS} ms after it was made`);
      await delay(50);
    }
  } catch (error) {
    throw fail('OST_TEMPORAL_NAMESPACE', { namespace, reason: messageOf(error) }, { cause: error });
  }
}
