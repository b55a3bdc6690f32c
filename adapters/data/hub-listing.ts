import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Logger } from 'pino';
import { z } from 'zod';
import { type DatasetReference, isCommit } from '../../domain/dataset-reference.ts';
import { isOstinatoError } from '../../domain/errors/error.ts';
import { isMissing, writeAll, writeAtomically } from '../artifacts/atomic-file.ts';
import { datasetName, type Hub, type HubListing, listDataset } from './hub.ts';

export interface HubCache extends Hub {
  /** `HF_HOME`: below it, data sets lie where Hugging Face's own programs look for them. */
  readonly home: string;
  readonly log: Logger;
  readonly signal?: AbortSignal;
}

export const folderOf = ({ home }: Pick<HubCache, 'home'>, { owner, name }: DatasetReference): string =>
  join(home, 'hub', `datasets--${owner}--${name}`);

const storedSchema = z.object({
  commit: z.string(),
  files: z.array(
    z.object({
      path: z.string(),
      bytes: z.number(),
      sha256: z.string().nullable(),
      gitBlob: z.string().nullable(),
    }),
  ),
});

/** What the hub says, or said when it was asked before: a commit never changes, and a branch is better than nothing. */
export async function listingOf(cache: HubCache, reference: DatasetReference): Promise<HubListing> {
  const folder = folderOf(cache, reference);
  const known = (commit: string) => readListing(join(folder, 'listings', `${commit}.json`));
  if (isCommit(reference.revision)) {
    const listing = await known(reference.revision);
    if (listing !== null) return listing;
  }
  const ref = join(folder, 'refs', reference.revision);
  try {
    const listing = await listDataset(cache, reference, cache.signal);
    await write(join(folder, 'listings', `${listing.commit}.json`), JSON.stringify(listing));
    if (!isCommit(reference.revision)) await write(ref, listing.commit);
    return listing;
  } catch (error) {
    if (!isOstinatoError(error, 'OST_DATASET_UNAVAILABLE')) throw error;
    const commit = await readText(ref);
    const listing = commit === null ? null : await known(commit.trim());
    if (listing === null) throw error;
    const dataset = datasetName(reference);
    cache.log.warn(
      { event: 'dataset', dataset, commit: listing.commit },
      `${error.message} The cached commit is taken.`,
    );
    return listing;
  }
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeAtomically(path, (handle) => writeAll(handle, Buffer.from(text)));
}

async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** Our own file, written as a whole; one of another form is as good as none. */
async function readListing(path: string): Promise<HubListing | null> {
  const text = await readText(path);
  const parsed = text === null ? null : storedSchema.safeParse(JSON.parse(text));
  return parsed?.success === true ? parsed.data : null;
}
