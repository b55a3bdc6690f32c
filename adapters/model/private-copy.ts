import { constants } from 'node:fs';
import { chmod, copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { diskError } from '../artifacts/atomic-file.ts';
import { readSafetensorsHeader } from '../artifacts/safetensors-header.ts';
import type { PlacedPart } from './fit.ts';
import { type PartPaths, partFile } from './parts.ts';

/**
 * Copies a model's parts into a folder of their own, under the names that the graphs know them by, and reads the
 * copies' headers. The originals may then vanish, be cut short or be written to: a mapped file that shrinks ends the
 * process, and one that changes gives other losses. File systems that can share blocks do so.
 *
 * @param except a group that is not needed
 */
export async function copyParts(
  parts: PartPaths,
  folder: string,
  except: number | null = null,
): Promise<readonly PlacedPart[]> {
  await mkdir(folder, { recursive: true });
  const sources = [
    { location: partFile('shared'), path: parts.shared },
    ...parts.groups.map((path, group) => ({ location: partFile(group), path })),
  ];
  const needed = sources.filter(({ location }) => except === null || location !== partFile(except));
  return Promise.all(
    needed.map(async ({ location, path }) => {
      const copy = join(folder, location);
      await copyFile(path, copy, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL).catch((error: unknown) => {
        throw diskError(error, folder, 0);
      });
      await chmod(copy, 0o400);
      return { location, header: await readSafetensorsHeader(copy) };
    }),
  );
}
