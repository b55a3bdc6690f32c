import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { DatasetReference } from '../../domain/dataset-reference.ts';
import { fail, isOstinatoError, messageOf } from '../../domain/errors/error.ts';
import { isMissing } from '../artifacts/atomic-file.ts';
import { download } from '../artifacts/transfer/download.ts';
import { withLock } from '../processes/lock.ts';
import { authorization, datasetName, fileUrl, type Hub, type HubFile, refusalOf } from './hub.ts';
import { folderOf, type HubCache, listingOf } from './hub-listing.ts';
import { selectFiles } from './select-files.ts';

export interface CachedDataset {
  readonly commit: string;
  /** Absolute paths, in the order in which they are read. */
  readonly files: readonly string[];
  /** Files that were not there before. */
  readonly downloaded: number;
}

/** As long as a large data set may take another process of this machine. */
const patienceMs = 12 * 3_600_000;
/** A connection that breaks is taken up again so often. */
const attempts = 8;
/** A hub sends large files from other hosts, and a renamed data set from its new name. */
const redirects = 5;

/**
 * The files of a data set on this disk: those that are not there yet are fetched, each as a whole or not at all. At a
 * commit whose files are all there, no hub is asked.
 *
 * @throws OST_DATASET_FORBIDDEN, _NOT_FOUND, _UNAVAILABLE, _ANSWER, _NO_FILES, OST_DISK_FULL, the signal's reason
 */
export function fetchDataset(cache: HubCache, reference: DatasetReference): Promise<CachedDataset> {
  const path = join(folderOf(cache, reference), 'ostinato.lock');
  const onWait = () => cache.log.info({ event: 'dataset' }, `Another process fetches ${datasetName(reference)}`);
  return withLock(path, 'data set', { timeoutMs: patienceMs, onWait }, () => fetchMissing(cache, reference));
}

async function fetchMissing(cache: HubCache, reference: DatasetReference): Promise<CachedDataset> {
  const { commit, files } = await listingOf(cache, reference);
  const dataset = datasetName(reference);
  const wanted = new Set(
    selectFiles(
      files.map(({ path }) => path),
      reference.selection,
    ),
  );
  if (wanted.size === 0) {
    const problem = `no file in Parquet or JSON lines fits ${reference.selection ?? 'it'}`;
    throw fail('OST_DATASET_NO_FILES', { dataset, problem });
  }
  const chosen = files.filter(({ path }) => wanted.has(path));
  const snapshot = join(folderOf(cache, reference), 'snapshots', commit);
  const missing: HubFile[] = [];
  for (const file of chosen) if (!(await isThere(join(snapshot, file.path), file.bytes))) missing.push(file);
  const said = { event: 'dataset', dataset, commit, files: wanted.size };
  if (missing.length === 0) {
    cache.log.info({ ...said, cached: true }, `Data set ${dataset} is cached (${wanted.size} files at ${commit})`);
  } else {
    const bytes = missing.reduce((sum, file) => sum + file.bytes, 0);
    cache.log.info({ ...said, bytes }, `Downloading data set ${dataset}: ${missing.length} files, ${bytes} bytes`);
    for (const file of missing) await fetchFile(cache, reference, commit, file, join(snapshot, file.path));
    cache.log.info({ ...said, cached: false }, `Data set ${dataset} downloaded to ${snapshot}`);
  }
  const paths = [...wanted].map((path) => join(snapshot, path));
  return { commit, files: paths, downloaded: missing.length };
}

const isThere = async (path: string, bytes: number): Promise<boolean> => {
  try {
    return (await stat(path)).size === bytes;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
};

async function fetchFile(
  cache: HubCache,
  reference: DatasetReference,
  commit: string,
  file: HubFile,
  to: string,
): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  const dataset = datasetName(reference);
  for (let attempt = 1; ; attempt += 1) {
    try {
      await download({
        url: fileUrl(cache, reference, commit, file.path),
        headers: authorization(cache),
        redirects,
        allow: refuseDowngrade(cache),
        to,
        ranges: 4,
        expected: { bytes: file.bytes, ...(file.sha256 === null ? {} : { digest: file.sha256 }) },
        ...(cache.signal === undefined ? {} : { signal: cache.signal }),
      });
      break;
    } catch (error) {
      cache.signal?.throwIfAborted();
      if (isOstinatoError(error, 'OST_TRANSFER_REFUSED')) {
        throw refusalOf(cache, reference, Number(error.params['status']), String(error.params['detail']));
      }
      const broken = isOstinatoError(error, 'OST_TRANSFER_FAILED', 'OST_TRANSFER_UNAVAILABLE', 'OST_TRANSFER_PART');
      if (broken && attempt < attempts) continue;
      if (!broken) throw error;
      throw fail('OST_DATASET_UNAVAILABLE', { dataset, detail: messageOf(error) }, { cause: error });
    }
  }
  await checkBlob(file, to);
}

/** A hub that is reached in the clear is a mirror of one's own; one that is not must not send us into the clear. */
const refuseDowngrade =
  ({ endpoint }: Hub) =>
  (url: URL): void => {
    if (endpoint.startsWith('https:') && url.protocol !== 'https:') {
      throw fail('OST_TRANSFER_FAILED', { url: url.origin, bytes: 0, detail: 'it points away from https' });
    }
  };

/** Small files have no SHA-256 on the hub, but git's name, which is over a length and the bytes. */
async function checkBlob({ gitBlob, bytes, path }: HubFile, file: string): Promise<void> {
  if (gitBlob === null) return;
  const sha = createHash('sha1').update(`blob ${bytes}\0`);
  for await (const chunk of createReadStream(file)) sha.update(chunk);
  const actual = sha.digest('hex');
  if (actual === gitBlob) return;
  await rm(file);
  throw fail('OST_DATASET_FILE', { file: path, problem: `it is ${actual} instead of ${gitBlob}` });
}
