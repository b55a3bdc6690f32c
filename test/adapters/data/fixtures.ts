import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

export const fixtures = join(import.meta.dirname, '../../fixtures/data');

/** What Python's libraries make of the fixtures. */
export const expected = z
  .strictObject({
    rows: z.array(z.string()),
    /** Tokens of the first rows. */
    ids: z.array(z.array(z.number())),
    end: z.number(),
    vocabulary: z.number(),
  })
  .parse(JSON.parse(readFileSync(join(fixtures, 'expected.json'), 'utf8')));
