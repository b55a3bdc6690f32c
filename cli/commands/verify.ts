import { join } from 'node:path';
import { openStore } from '../../adapters/artifacts/store.ts';
import { type RecomputedLosses, verifyCycle } from '../../adapters/ledger/verify.ts';
import { startEvaluator } from '../../adapters/model/evaluator.ts';
import { replaceGroup } from '../../adapters/model/parts.ts';
import { openPublishedModels } from '../../adapters/published-model/open.ts';
import type { ValidatorConfig } from '../../config/schema/deployment.ts';
import type { CycleRecord } from '../../domain/cycle-record.ts';
import { prepareEvaluationData } from '../../workers/dataset.ts';
import { createLog } from '../log.ts';
import { openBooks } from '../validator-ledger.ts';

export interface VerifyCommand {
  readonly path?: string;
  readonly cycle: number;
  readonly scoresOnly?: boolean;
}

/** `ostinato verify CYCLE`. True where everything that was recorded comes out again. */
export async function verify(options: VerifyCommand, write: (line: string) => void): Promise<boolean> {
  await using books = await openBooks(options.path);
  const { config, folder, identity, ledger } = books;
  const found = await verifyCycle(
    ledger,
    identity.hotkey,
    options.cycle,
    options.scoresOnly === true ? {} : { recomputeLosses: (record) => lossesOf(record, config, folder) },
  );
  write(`Cycle ${options.cycle} of ${identity.hotkey}: ${found.record.result}, Merkle root ${found.root}`);
  write(`Scores of ${found.record.scores.length} hotkeys and a vector of ${found.record.vector.length} recomputed.`);
  const { recomputed, unavailable } = found.losses;
  if (options.scoresOnly !== true) {
    write(`Losses of ${recomputed.length} submissions recomputed, ${unavailable.length} without their artefacts.`);
  }
  for (const difference of found.differences) write(`DIFFERS ${JSON.stringify(difference)}`);
  write(found.differences.length === 0 ? 'Everything agrees.' : `${found.differences.length} differences.`);
  return found.differences.length === 0;
}

/** Evaluates what still lies in the store; null for what does not. */
async function lossesOf(
  record: CycleRecord,
  config: ValidatorConfig,
  folder: string,
): Promise<readonly RecomputedLosses[]> {
  const store = await openStore(config.checkpoint_cache_dir);
  const models = await openPublishedModels(join(folder, 'model'), store);
  const log = createLog({ level: 'warn', role: 'validator', label: 'verify' });
  const evalDatasetPath = await prepareEvaluationData(config, { folder, log, prune: false });
  const evaluator = await startEvaluator({
    modelFolder: config.model_path,
    evalDatasetPath,
    // As the losses were computed: other devices differ in the last digits.
    provider: config.evaluator_provider,
  });
  try {
    const manifest = await models.manifest(record.modelBefore.manifest).catch(() => null);
    const results: RecomputedLosses[] = [];
    for (const { hotkey, digest, group, w } of record.submissions) {
      if (w === null || digest === null) continue;
      const batch = record.batches.find((each) => each.group === group);
      if (manifest === null || batch === undefined || !(await store.has(digest))) {
        results.push({ hotkey, losses: null });
        continue;
      }
      const parts = models.paths(manifest);
      const rows = batch.rows.map((row) => ({ group, row }));
      const job = { group, rows, batchSize: batch.batchSize, timeoutMs: config.timeouts.evaluation_seconds * 1000 };
      const before = await evaluator.evaluate({ ...job, parts });
      const after = await evaluator.evaluate({ ...job, parts: replaceGroup(parts, group, store.path(digest)) });
      results.push({ hotkey, losses: { before: before.mean, after: after.mean } });
    }
    return results;
  } finally {
    await evaluator.close();
  }
}
