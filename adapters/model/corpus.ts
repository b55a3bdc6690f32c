import { fail } from '../../domain/errors/error.ts';
import { type HeldOutTexts, readDataset } from './dataset.ts';
import { type ModelDescription, readModelDescription, readModelFile } from './description.ts';

/** The text of the groups, as bytes: the vocabulary is bytes, so a token is a byte. */
export interface Corpus {
  readonly groups: number;
  readonly description: ModelDescription;
  /** How many rows a group's held-out slice has. */
  heldOutRows(group: number): number;
  /** One row of a group's held-out slice: `context` bytes. @throws OST_MODEL_ROW_MISSING */
  heldOutRow(group: number, row: number): Uint8Array;
}

/**
 * Opens the held-out slices.
 *
 * @param evalDatasetPath a JSONL file, or a folder of them, that takes the place of the slices in the model's folder
 * @throws OST_MODEL_FILE_MISSING, OST_MODEL_GRAPH_MALFORMED, OST_MODEL_DATASET_MALFORMED
 */
export async function openCorpus(modelFolder: string, evalDatasetPath: string | null = null): Promise<Corpus> {
  const description = await readModelDescription(modelFolder);
  const texts =
    evalDatasetPath === null
      ? await readSlices(modelFolder, description)
      : await readDataset(evalDatasetPath, description.groups);
  return corpusOf(texts, description);
}

/** The text that a group trains on. @throws OST_MODEL_FILE_MISSING */
export const readTrainingText = (modelFolder: string, group: number): Promise<Uint8Array> =>
  readModelFile(modelFolder, `corpus/group_${group}.train.txt`);

const readSlices = (modelFolder: string, { groups }: ModelDescription): Promise<HeldOutTexts> =>
  Promise.all(
    Array.from({ length: groups }, (_, group) => readModelFile(modelFolder, `corpus/group_${group}.heldout.txt`)),
  );

function corpusOf(texts: HeldOutTexts, description: ModelDescription): Corpus {
  const size = description.context;
  const heldOutRows = (group: number) => Math.floor((texts[group]?.length ?? 0) / size);
  return {
    groups: description.groups,
    description,
    heldOutRows,
    heldOutRow: (group, row) => {
      const available = heldOutRows(group);
      const text = texts[group];
      if (text === undefined || !Number.isInteger(row) || row < 0 || row >= available) {
        throw fail('OST_MODEL_ROW_MISSING', { group, row, available });
      }
      return text.subarray(row * size, (row + 1) * size);
    },
  };
}
