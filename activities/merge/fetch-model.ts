import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cancellationSignal, heartbeat } from '@temporalio/activity';
import { hashTensors, hashTensorsOf } from '../../adapters/artifacts/tensor-hash.ts';
import { download } from '../../adapters/artifacts/transfer/download.ts';
import { artifactUrl } from '../../adapters/peers/client.ts';
import { storeFull } from '../../adapters/published-model/full-file.ts';
import { readManifest } from '../../adapters/published-model/read-manifest.ts';
import type { MediaType } from '../../domain/artifact.ts';
import type { ModelRecord } from '../../domain/cycle-record.ts';
import { fail, messageOf } from '../../domain/errors/error.ts';
import type { ModelManifest } from '../../domain/model-manifest.ts';
import type { PeerAccess } from '../../domain/peers/access.ts';
import { beating } from '../beating.ts';
import type { ValidatorDeps } from '../cycle/deps.ts';
import type { FetchedModel, MergeActivities } from './activities.ts';
import { isPeersDoing } from './peers-doing.ts';

/** Thousands of files' names; a model has dozens. */
const maxManifestBytes = 4 * 1024 * 1024;

/**
 * Fetches a version file by file, each by its digest. Nothing of it is used before the tensors of all parts together
 * have the hash that is on chain, and the whole is what the majority's signed manifest says, momentum included.
 */
export const fetchModel =
  (deps: ValidatorDeps): MergeActivities['fetchModel'] =>
  async ({ model, sources }) => {
    let detail = 'no peer to ask';
    for (const source of sources) {
      try {
        return { kind: 'fetched', model: await fetchFrom(deps, model, source) };
      } catch (error) {
        if (cancellationSignal().aborted) throw cancellationSignal().reason;
        if (!isPeersDoing(error)) throw error;
        detail = messageOf(error);
        const fields = { event: 'model_not_fetched', hotkey: source.target, hash: model.hash, err: detail };
        deps.log.warn(fields, `Model ${model.hash} is not to be had from ${source.target}: ${detail}`);
      }
    }
    return { kind: 'failed', detail } satisfies FetchedModel;
  };

async function fetchFrom(deps: ValidatorDeps, model: ModelRecord, source: PeerAccess): Promise<ModelRecord> {
  const { store, models, log } = deps;
  const unfit = (problem: string) => fail('OST_MODEL_UNFIT', { hash: model.hash, url: source.url, problem });
  await fetchFile(deps, source, model.manifest, 'application/json', maxManifestBytes);
  const manifest = readManifest(await readFile(store.path(model.manifest), 'utf8'));
  if (typeof manifest === 'string') throw unfit(manifest);
  if (manifest.hash !== model.hash || manifest.version !== model.version) {
    throw unfit(`its manifest names model ${manifest.hash}, version ${manifest.version}`);
  }
  for (const { ref } of [...manifest.parts, ...manifest.momentum]) {
    await fetchFile(deps, source, ref.digest, ref.mediaType, ref.bytes);
  }
  await beating(() => check(deps, manifest, unfit));
  // Stored under its own digest already; put again, it must come to the same, or its text is not ours.
  const { manifestDigest } = await models.put(manifest);
  if (manifestDigest !== model.manifest) throw unfit('its manifest is written in another way');
  log.info(
    { event: 'model_fetched', hash: model.hash, version: model.version, hotkey: source.target },
    `Fetched model ${model.hash} from validator ${source.target}`,
  );
  return model;
}

async function check(
  { store }: ValidatorDeps,
  manifest: ModelManifest,
  unfit: (problem: string) => Error,
): Promise<void> {
  const { hash, nonFinite } = await hashTensorsOf(manifest.parts.map(({ ref }) => store.path(ref.digest)));
  if (hash !== manifest.hash) throw unfit(`its tensors hash to ${hash}`);
  if (nonFinite > 0) throw unfit(`${nonFinite} elements are not finite`);
  for (const { part, ref, hash: expected } of manifest.parts) {
    if ((await hashTensors(store.path(ref.digest))).hash !== expected) throw unfit(`part ${part} has another hash`);
  }
  // Made here rather than fetched: it is the parts in one file, and equal parts give equal bytes.
  const full = await storeFull(manifest.parts, store);
  if (full.digest !== manifest.full.digest) throw unfit('its full file is not that of its parts');
}

async function fetchFile(
  deps: ValidatorDeps,
  source: PeerAccess,
  digest: string,
  mediaType: MediaType,
  maxBytes: number,
): Promise<void> {
  if ((await deps.store.verify(digest)) === 'sound') return;
  await mkdir(deps.downloads, { recursive: true });
  const to = join(deps.downloads, `model-${digest}`);
  await download({
    url: artifactUrl(source, digest),
    to,
    expected: { digest },
    maxBytes,
    onProgress: (received, total) => heartbeat({ received, total }),
    signal: cancellationSignal(),
  });
  await deps.store.put({ file: to }, mediaType);
  await rm(to, { force: true });
}
