import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const folder = join(import.meta.dirname, '../../../fixtures/torch');

const expectationSchema = z.union([
  z.strictObject({ refused: z.string() }),
  z.strictObject({
    hash: z.string(),
    tensors: z.record(
      z.string(),
      z.strictObject({ dtype: z.string(), shape: z.array(z.number()), sha256: z.string() }),
    ),
  }),
]);

/** A file that torch wrote, with what torch itself says is in it. */
export interface Golden {
  /** The version of torch and the file. */
  readonly name: string;
  readonly path: string;
  readonly expected: z.output<typeof expectationSchema>;
}

export const goldenFiles = (): readonly Golden[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name: version }) => {
      const text = readFileSync(join(folder, version, 'expected.json'), 'utf8');
      const expected = z.record(z.string(), expectationSchema).parse(JSON.parse(text));
      return Object.entries(expected).map(([file, each]) => ({
        name: `${version}/${file}`,
        path: join(folder, version, file),
        expected: each,
      }));
    });
