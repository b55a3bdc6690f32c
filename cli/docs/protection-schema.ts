import { z } from 'zod';
import { interchangeSchema } from '../../adapters/ledger/protection-interchange.ts';

/** docs/schema/protection.json: the interchange format of the protection record. */
export function protectionSchema(): string {
  const schema = z.toJSONSchema(interchangeSchema, { target: 'draft-2020-12' });
  return `${JSON.stringify({ ...schema, title: 'Ostinato: interchange format of the protection record' }, null, 2)}\n`;
}
