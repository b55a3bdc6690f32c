import { createHash } from 'node:crypto';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseDatasetReference } from '../../domain/dataset-reference.ts';
import { fail } from '../../domain/errors/error.ts';
import { readModelDescription } from '../model/description.ts';
import { withLock } from '../processes/lock.ts';
import { filesOf, readExamples } from './examples.ts';
import { fetchDataset } from './hub-cache.ts';
import type { HubCache } from './hub-listing.ts';
import { packExamples } from './pack.ts';
import { openPacked } from './packed.ts';
import { openTokenizer } from './tokenizer.ts';

export interface DatasetOrder {
  /** A file, a folder, or `hf:OWNER/NAME@REVISION`. */
  readonly setting: string;
  /** The column, or key, that holds the text. */
  readonly textColumn: string;
  readonly modelFolder: string;
  /** Where the packed tokens are kept. */
  readonly folder: string;
  /** Whether those of other data sets are removed from it: said by the process that the folder is of. */
  readonly prune: boolean;
  readonly hub: HubCache;
}

const patienceMs = 12 * 3_600_000;

/**
 * Makes a data set ready: fetches it where it lies on a hub and is not there yet, and turns it into the tokens of the
 * model. Both happen once; the next start finds them.
 *
 * @returns the folder of the packed tokens, for {@link openPacked}
 * @throws OST_DATASET_…, OST_MODEL_DATASET_MALFORMED, OST_MODEL_FILE_MISSING, OST_DISK_FULL, the signal's reason
 */
export async function prepareDataset(order: DatasetOrder): Promise<string> {
  const { setting, textColumn, modelFolder, folder, prune, hub } = order;
  const { files, identity } = await locate(setting, hub);
  const tokenizer = await openTokenizer(modelFolder);
  const { groups, vocabulary } = await readModelDescription(modelFolder);
  const key = createHash('sha256')
    .update(JSON.stringify([1, identity, tokenizer.digest, textColumn, groups]))
    .digest('hex');
  const packed = join(folder, key.slice(0, 32));
  await mkdir(folder, { recursive: true });
  await withLock(join(folder, 'packing.lock'), 'data set', { timeoutMs: patienceMs }, async () => {
    if ((await openPacked(packed)) === null) {
      hub.log.info({ event: 'dataset', files: files.length }, `Preparing data set ${setting}`);
      const examples = readExamples(files, { text: textColumn, groups });
      const { signal } = hub;
      const result = await packExamples(examples, packed, {
        tokenizer,
        groups,
        vocabulary,
        ...(signal === undefined ? {} : { signal }),
      });
      const tokens = result.groups.map((group) => group.tokens);
      hub.log.info({ event: 'dataset', examples: result.examples, tokens }, `Data set ${setting} is ready`);
    }
    if (prune) await removeOthers(folder, key.slice(0, 32));
  });
  return packed;
}

/** The files, and what says that they are the same ones another time. */
async function locate(setting: string, hub: HubCache) {
  const reference = parseDatasetReference(setting);
  if (reference !== null) {
    const { commit, files } = await fetchDataset(hub, reference);
    return { files, identity: [reference.owner, reference.name, commit, files.length, reference.selection] };
  }
  const files = await filesOf(setting);
  if (files.length === 0)
    throw fail('OST_DATASET_NO_FILES', { dataset: setting, problem: 'the folder holds no such file' });
  const identity = await Promise.all(
    files.map(async (file) => {
      const { size, mtimeNs } = await stat(file, { bigint: true });
      return [file, String(size), String(mtimeNs)];
    }),
  );
  return { files, identity };
}

async function removeOthers(folder: string, kept: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (/^[0-9a-f]{32}(?:\.|$)/.test(name) && name !== kept)
      await rm(join(folder, name), { recursive: true, force: true });
  }
}
