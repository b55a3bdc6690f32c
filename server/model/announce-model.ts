import { readSafetensorsHeader } from '../../adapters/artifacts/safetensors-header.ts';
import type { PublishedModel } from '../../domain/model-manifest.ts';
import type { ModelServerDeps } from './deps.ts';
import type { ServerMetrics } from './metrics.ts';

/** Looks for a newly published model; says once for each version what is being served. */
export function modelAnnouncer(
  { log, manifest, store, modelName }: ModelServerDeps,
  metrics: ServerMetrics,
): () => Promise<PublishedModel | null> {
  let announced: string | null = null;
  log.info({ event: 'model_loading', model: modelName }, `Loading base model: ${modelName}`);
  return async () => {
    const model = await manifest();
    if (model === null || model.manifestDigest === announced) return model;
    const first = announced === null;
    announced = model.manifestDigest;
    const { version, hash, parts } = model.manifest;
    const groups = parts.filter(({ part }) => part !== 'shared');
    metrics.modelVersion.set(version);
    if (first) {
      const experts = await expertsPerLayer(groups.map(({ ref }) => store.path(ref.digest)));
      log.info(
        { event: 'model_loaded', version, modelHash: hash, groups: groups.length, expertsPerLayer: experts },
        `Model loaded. Expert mapping built: ${groups.length} groups, ${experts} experts/layer`,
      );
    } else {
      log.info({ event: 'model_replaced', version, modelHash: hash }, `Serving model version ${version}`);
    }
    return model;
  };
}

/** Counts experts by the tensors' names; an expert has the same number in every layer. */
async function expertsPerLayer(files: readonly string[]): Promise<number> {
  const experts = new Set<string>();
  for (const file of files) {
    const { tensors } = await readSafetensorsHeader(file);
    for (const name of tensors.keys()) {
      const [, expert] = /\bexperts?\.(\d+)\b/.exec(name) ?? [];
      if (expert !== undefined) experts.add(expert);
    }
  }
  return experts.size;
}
