import { join } from 'node:path';
import type { Logger } from 'pino';
import { prepareDataset } from '../adapters/data/prepare.ts';
import type { MinerConfig, ValidatorConfig } from '../config/schema/deployment.ts';

interface Place {
  /** The deployment's folder. */
  readonly folder: string;
  readonly log: Logger;
  /** Whether this process is the one that works with it, and so may remove what it no longer needs. */
  readonly prune: boolean;
}

/**
 * Makes a deployment's own data set ready; null where the model's folder has the data. Errors as {@link
 * prepareDataset}.
 */
async function prepare(
  { setting, textColumn }: { readonly setting: string | null; readonly textColumn: string },
  { model_path, hf }: Pick<ValidatorConfig | MinerConfig, 'model_path' | 'hf'>,
  { folder, log, prune }: Place,
): Promise<string | null> {
  if (setting === null) return null;
  const hub = { endpoint: hf.endpoint, token: hf.token ?? null, home: hf.home, log };
  return prepareDataset({ setting, textColumn, modelFolder: model_path, folder: join(folder, 'data'), prune, hub });
}

/** What submissions are judged on. */
export const prepareEvaluationData = (config: ValidatorConfig, place: Place): Promise<string | null> =>
  prepare({ setting: config.eval_dataset_path ?? null, textColumn: config.eval_text_column }, config, place);

/** What a miner trains on. */
export const prepareTrainingData = (config: MinerConfig, place: Place): Promise<string | null> =>
  prepare({ setting: config.training.dataset_path ?? null, textColumn: config.training.text_column }, config, place);
