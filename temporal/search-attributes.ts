import { setTimeout as delay } from 'node:timers/promises';
import type { Connection } from '@temporalio/client';
import proto from '@temporalio/proto';
import { fail, isOstinatoError, messageOf } from '../domain/errors/error.ts';
import { hasGrpcStatus } from './grpc.ts';
import { searchAttributeKeys } from './search-attribute-keys.ts';

const indexedTypes = {
  KEYWORD: proto.temporal.api.enums.v1.IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
  INT: proto.temporal.api.enums.v1.IndexedValueType.INDEXED_VALUE_TYPE_INT,
  BOOL: proto.temporal.api.enums.v1.IndexedValueType.INDEXED_VALUE_TYPE_BOOL,
} as const;

const wanted = Object.values(searchAttributeKeys).map(({ name, type }) => ({ name, type: indexedTypes[type] }));

/** A server whose caches are slow answers a minute late at most; the embedded one at once. */
const USABLE_TIMEOUT_MS = 90_000;

async function missing(connection: Connection, namespace: string): Promise<typeof wanted> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  for (const { name, type } of wanted) {
    const found = customAttributes[name];
    if (found !== undefined && found !== type) {
      const reason = `it is there with another type (${proto.temporal.api.enums.v1.IndexedValueType[found]}).`;
      throw fail('OST_TEMPORAL_SEARCH_ATTRIBUTE', { namespace, name, reason });
    }
  }
  return wanted.filter(({ name }) => customAttributes[name] === undefined);
}

async function add(connection: Connection, namespace: string, attributes: typeof wanted): Promise<void> {
  try {
    await connection.operatorService.addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries(attributes.map(({ name, type }) => [name, type])),
    });
  } catch (error) {
    // Another process added some of them in between; what is still missing is asked for again.
    if (!hasGrpcStatus(error, 'ALREADY_EXISTS')) throw error;
  }
}

/** Whether queries know all attributes: the frontend refuses an unknown one until its cache has seen it. */
async function usable(connection: Connection, namespace: string): Promise<boolean> {
  const query = wanted.map(({ name }) => `${name} IS NULL`).join(' AND ');
  try {
    await connection.workflowService.listWorkflowExecutions({ namespace, query, pageSize: 1 });
    return true;
  } catch (error) {
    if (hasGrpcStatus(error, 'INVALID_ARGUMENT')) return false;
    throw error;
  }
}

/**
 * Registers Ostinato's search attributes in a namespace and waits until they can be used. Safe to call from several
 * processes at once, at every start.
 * @throws OST_TEMPORAL_SEARCH_ATTRIBUTE
 */
export async function registerSearchAttributes(connection: Connection, namespace: string): Promise<void> {
  const deadline = Date.now() + USABLE_TIMEOUT_MS;
  try {
    for (;;) {
      const lacking = await missing(connection, namespace);
      if (lacking.length > 0) await add(connection, namespace, lacking);
      else if (await usable(connection, namespace)) return;
      if (Date.now() > deadline) throw new Error(`not usable after ${USABLE_TIMEOUT_MS} ms`);
      await delay(50);
    }
  } catch (error) {
    if (isOstinatoError(error)) throw error;
    const name = wanted.map((attribute) => attribute.name).join(', ');
    throw fail('OST_TEMPORAL_SEARCH_ATTRIBUTE', { namespace, name, reason: messageOf(error) }, { cause: error });
  }
}
