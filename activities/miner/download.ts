import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cancellationSignal, heartbeat } from '@temporalio/activity';
import { hashTensors } from '../../adapters/artifacts/tensor-hash.ts';
import { download } from '../../adapters/artifacts/transfer/download.ts';
import { fail } from '../../domain/errors/error.ts';
import type { MinerIoActivities, SignedFor } from './activities.ts';
import type { MinerIoDeps } from './deps.ts';

/** Authorisation and signature of a request; the query is where the originals' form fields went. */
export const signedQuery = ({ validator, block, signature }: SignedFor, hotkey: string): URLSearchParams =>
  new URLSearchParams({
    target_hotkey_ss58: validator.hotkey,
    origin_hotkey_ss58: hotkey,
    origin_block: String(block),
    signature,
  });

export const bearer = (token: string | null): Readonly<Record<string, string>> =>
  token === null ? {} : { authorization: `Bearer ${token}` };

/** What fetching a slice stands on. */
export type DownloadDeps = Pick<MinerIoDeps, 'hotkey' | 'token' | 'ranges' | 'downloads' | 'store' | 'log'>;

/**
 * Fetches the group's slice. It resumes what an earlier attempt left, and believes nothing: the bytes must be what
 * the server's ETag and tensor hash say, and its model the one that the validator committed on chain.
 */
export const downloadSlice =
  (deps: DownloadDeps): MinerIoActivities['downloadSlice'] =>
  async ({ signed, group }) => {
    heartbeat({ bytes: 0 });
    const { validator } = signed;
    await mkdir(deps.downloads, { recursive: true });
    const query = signedQuery(signed, deps.hotkey);
    query.set('group', String(group));
    const to = join(deps.downloads, `${validator.hotkey}-group-${group}.safetensors`);
    const url = `${validator.url}/model/partial?${query}`;
    const { headers } = await download({
      url,
      chunkList: `${url}&chunks=1`,
      ranges: deps.ranges,
      headers: bearer(deps.token),
      to,
      onProgress: (bytes, total) => heartbeat({ bytes, total }),
      signal: cancellationSignal(),
    });
    const unfit = (problem: string) => fail('OST_MINER_SLICE_UNFIT', { group, url: validator.url, problem });
    const version = Number(headers['x-model-version']);
    const modelHash = headers['x-model-hash'] ?? '';
    const { hash, nonFinite } = await hashTensors(to);
    if (!Number.isSafeInteger(version)) throw unfit('no model version in its headers');
    if (hash !== headers['x-part-hash']) throw unfit(`its tensors hash to ${hash}`);
    if (nonFinite > 0) throw unfit(`${nonFinite} elements are not finite`);
    const { committed } = validator;
    // Version 0 is the base that everybody has; a newer one must be the very model that is on chain.
    if (committed !== null && committed.version === version && committed.modelHash !== modelHash) {
      throw unfit(`the chain has model ${committed.modelHash}, it serves ${modelHash}`);
    }
    const ref = await deps.store.put({ file: to }, 'application/vnd.safetensors');
    deps.log.info(
      { event: 'slice_stored', hotkey: deps.hotkey, group, version, bytes: ref.bytes, digest: ref.digest },
      `Stored slice of group ${group}, model version ${version}`,
    );
    return { ref, group, hash, version, modelHash };
  };
