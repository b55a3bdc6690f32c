import type { Connection } from '@temporalio/client';
import { ensureNamespace } from '../../../temporal/namespaces.ts';
import { registerSearchAttributes } from '../../../temporal/search-attributes.ts';
import type { Place } from './play.ts';

/** Two namespaces in which runs take place one after the other: to make them takes seconds. */
export async function openLane(connection: Connection, address: string, name: string): Promise<Place> {
  const namespaces = { validator: `faults-${name}-validator`, miner: `faults-${name}-miner` };
  for (const namespace of Object.values(namespaces)) {
    await ensureNamespace(connection, namespace, 1);
    await registerSearchAttributes(connection, namespace);
  }
  return { address, connection, namespaces, open: new Set() };
}
