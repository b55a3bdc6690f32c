import type { Connection } from '@temporalio/client';
import { ensureNamespace } from '../../../temporal/namespaces.ts';
import { registerSearchAttributes } from '../../../temporal/search-attributes.ts';
import type { Cast } from './cast.ts';
import type { Place } from './play.ts';

/** Namespaces in which runs take place one after the other: to make them takes seconds. */
export async function openLane(
  connection: Connection,
  address: string,
  name: string,
  { seats, seatOf }: Pick<Cast, 'seats' | 'seatOf'>,
): Promise<Place> {
  const namespaceOf = (seat: string): string => `faults-${name}-${seat}`;
  for (const seat of seats) {
    await ensureNamespace(connection, namespaceOf(seat), 1);
    await registerSearchAttributes(connection, namespaceOf(seat));
  }
  return { address, connection, namespaces: (account) => namespaceOf(seatOf(account)), open: new Set() };
}
