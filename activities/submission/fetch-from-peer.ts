import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cancellationSignal, heartbeat } from '@temporalio/activity';
import { download } from '../../adapters/artifacts/transfer/download.ts';
import { axonUrl, isServed } from '../../domain/artifact-location.ts';
import { isOstinatoError, type OstinatoError } from '../../domain/errors/error.ts';
import type { ValidatorDeps } from '../cycle/deps.ts';
import type { PeerFile, SubmissionActivities } from './activities.ts';

/** Refusals of the signature's block: true of this request only, so that a fresh signature may pass. */
const signAgain = new Set(['OST_HTTP_STALE_BLOCK', 'OST_HTTP_REPLAYED']);

/**
 * Fetches a file over the peer's address on chain, resuming what an earlier attempt left. Its bytes must be what the
 * ETag says; whether they are the miner's is judged afterwards by the hash on chain, as with a file of one's own.
 */
export const fetchFromPeer =
  (deps: ValidatorDeps): SubmissionActivities['fetchFromPeer'] =>
  async ({ signed, hotkey, cycleIndex }) => {
    heartbeat({ bytes: 0 });
    const { peer, block, signature } = signed;
    const axon = await deps.chain.axon(deps.netuid, peer);
    if (!isServed(axon)) return absent(`${peer} serves no address on chain`);
    await mkdir(deps.downloads, { recursive: true });
    const to = join(deps.downloads, `${cycleIndex}-${hotkey}.safetensors`);
    const query = new URLSearchParams({
      target_hotkey_ss58: peer,
      origin_hotkey_ss58: deps.hotkey,
      origin_block: String(block),
      signature,
    });
    const url = `${axonUrl(axon)}/submissions/${cycleIndex}/${hotkey}?${query}`;
    try {
      await download({
        url,
        chunkList: `${url}&chunks=1`,
        ranges: deps.transfers.ranges,
        to,
        maxBytes: deps.maxSubmissionBytes,
        onProgress: (bytes, total) => heartbeat({ bytes, total }),
        signal: cancellationSignal(),
      });
    } catch (error) {
      // A cancellation is none of the peer's doing; upon a shutdown the next attempt goes on from the bytes on disk.
      if (cancellationSignal().aborted) throw cancellationSignal().reason;
      if (isOstinatoError(error)) return refused(error);
      throw error;
    }
    const { digest, bytes } = await deps.store.put({ file: to }, 'application/vnd.safetensors');
    await rm(to, { force: true });
    deps.log.info(
      { event: 'submission_fetched', hotkey, peer, digest, bytes },
      `Fetched the submission of ${hotkey} from validator ${peer}`,
    );
    return { kind: 'file', digest, bytes };
  };

const absent = (detail: string): PeerFile => ({ kind: 'absent', detail });

/** The peer's business is an answer; what is ours (a full disk, a phase that is over) is thrown. */
function refused(error: OstinatoError): PeerFile {
  switch (error.code) {
    case 'OST_TRANSFER_REFUSED':
      return signAgain.has(String(error.params['code'])) ? { kind: 'sign_again' } : absent(error.message);
    case 'OST_TRANSFER_UNAVAILABLE':
    case 'OST_TRANSFER_FAILED':
    case 'OST_TRANSFER_ENCODED':
    case 'OST_TRANSFER_PART':
    case 'OST_ARTIFACT_CHUNK':
    case 'OST_ARTIFACT_DIGEST':
    case 'OST_ARTIFACT_LENGTH':
    case 'OST_ARTIFACT_TOO_LARGE':
      return absent(error.message);
    default:
      throw error;
  }
}
