import { fail } from '../../domain/errors/error.ts';
import { openTokenizer } from '../data/tokenizer.ts';
import type { TokenSequence, Tokens } from '../data/tokens.ts';
import { openDataset, tokensOf } from './dataset.ts';
import { type ModelDescription, readModelDescription, readModelFile } from './description.ts';

/** The text of the groups, as the model's tokens; those of the reference model are bytes. */
export interface Corpus {
  readonly groups: number;
  readonly description: ModelDescription;
  heldOutTokens(group: number): number;
  /** How many rows a group's held-out slice has. */
  heldOutRows(group: number): number;
  /** One row of a group's held-out slice: `context` tokens. @throws OST_MODEL_ROW_MISSING */
  heldOutRow(group: number, row: number): Tokens;
}

/**
 * Opens the held-out slices.
 *
 * @param evalDatasetPath packed tokens, or a file or folder of texts, in the place of the slices in the model's folder
 * @throws OST_MODEL_FILE_MISSING, OST_MODEL_GRAPH_MALFORMED, OST_MODEL_DATASET_MALFORMED, OST_DATASET_FILE,
 *   OST_DATASET_TOKENIZER
 */
export async function openCorpus(modelFolder: string, evalDatasetPath: string | null = null): Promise<Corpus> {
  const description = await readModelDescription(modelFolder);
  const { groups } = description;
  const tokens =
    evalDatasetPath === null
      ? await readSlices(modelFolder, groups)
      : await openDataset(evalDatasetPath, { modelFolder, groups });
  return corpusOf(tokens, description);
}

/**
 * Makes sure that every group can be judged: on no row at all, nobody's loss would fall.
 *
 * @throws OST_DATASET_TOO_SHORT
 */
export function requireHeldOut({ groups, description, heldOutRows, heldOutTokens }: Corpus): void {
  for (let group = 0; group < groups; group += 1) {
    if (heldOutRows(group) > 0) continue;
    const least = description.context;
    throw fail('OST_DATASET_TOO_SHORT', { use: 'be judged by', group, tokens: heldOutTokens(group), least });
  }
}

/** The text that a group trains on. @throws OST_MODEL_FILE_MISSING */
export const readTrainingText = (modelFolder: string, group: number): Promise<Uint8Array> =>
  readModelFile(modelFolder, `corpus/group_${group}.train.txt`);

/**
 * The tokens that a group trains on: of the operator's own data set where there is one, else of the model's folder.
 *
 * @throws as {@link openCorpus}
 */
export async function openTrainingTokens(
  { modelFolder, datasetPath, group }: { modelFolder: string; datasetPath: string | null; group: number },
  groups: number,
): Promise<TokenSequence> {
  if (datasetPath === null) return inTokens(modelFolder, await readTrainingText(modelFolder, group));
  const tokens = (await openDataset(datasetPath, { modelFolder, groups }))[group];
  return tokens ?? new Uint8Array();
}

const readSlices = (modelFolder: string, groups: number): Promise<readonly TokenSequence[]> =>
  Promise.all(
    Array.from({ length: groups }, async (_, group) =>
      inTokens(modelFolder, await readModelFile(modelFolder, `corpus/group_${group}.heldout.txt`)),
    ),
  );

async function inTokens(modelFolder: string, text: Uint8Array): Promise<TokenSequence> {
  const tokenizer = await openTokenizer(modelFolder);
  return tokenizer.width === 1 ? text : tokensOf([Buffer.from(text).toString('utf8')], tokenizer);
}

function corpusOf(texts: readonly TokenSequence[], description: ModelDescription): Corpus {
  const size = description.context;
  const heldOutTokens = (group: number) => texts[group]?.length ?? 0;
  const heldOutRows = (group: number) => Math.floor(heldOutTokens(group) / size);
  return {
    groups: description.groups,
    description,
    heldOutTokens,
    heldOutRows,
    heldOutRow: (group, row) => {
      const available = heldOutRows(group);
      const text = texts[group];
      if (text === undefined || !Number.isInteger(row) || row < 0 || row >= available) {
        throw fail('OST_MODEL_ROW_MISSING', { group, row, available });
      }
      return text.slice(row * size, (row + 1) * size);
    },
  };
}
