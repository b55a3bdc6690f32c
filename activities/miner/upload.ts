import { cancellationSignal, heartbeat } from '@temporalio/activity';
import { uploadResumably } from '../../adapters/artifacts/transfer/resumable-upload.ts';
import { fail } from '../../domain/errors/error.ts';
import { blockMessage, messageHex } from '../../domain/signed-message.ts';
import type { MinerIoActivities } from './activities.ts';
import type { MinerIoDeps } from './deps.ts';
import { bearer } from './download.ts';

/** Refusals of the signature's block: true of this request only, so that a fresh signature may pass. */
const signAgain = new Set(['OST_HTTP_STALE_BLOCK', 'OST_HTTP_REPLAYED', 'OST_SUBMISSION_BLOCK']);

/**
 * Sends the file, going on where an earlier attempt broke off. A repetition is safe: the server answers the same file
 * from the same miner as it did the first time, and any other second file with a refusal.
 */
export const uploadSubmission =
  (deps: MinerIoDeps): MinerIoActivities['uploadSubmission'] =>
  async ({ signed, group, trained }) => {
    heartbeat({ bytes: 0 });
    const { validator, block, signature } = signed;
    const url = `${validator.url}/submit`;
    const result = await uploadResumably({
      url,
      headers: bearer(deps.token),
      fields: {
        target_hotkey_ss58: validator.hotkey,
        origin_hotkey_ss58: deps.hotkey,
        origin_block: String(block),
        model_hex: trained.modelHash,
        block_hex: messageHex(blockMessage(deps.publicKey(validator.hotkey), block)),
        signature,
      },
      file: {
        path: deps.store.path(trained.ref.digest),
        name: `model_expgroup_${group}.safetensors`,
        digest: trained.ref.digest,
      },
      list: await deps.store.chunks(trained.ref.digest),
      onProgress: (bytes, total) => heartbeat({ bytes, total }),
      signal: cancellationSignal(),
    });
    if (result.kind === 'accepted') return result;
    const { status, code, detail } = result;
    if (signAgain.has(code)) return { kind: 'sign_again', code };
    deps.log.warn(
      { event: 'submission_refused', hotkey: deps.hotkey, status, code },
      `${url} said ${status}: ${detail}`,
    );
    if (result.kind === 'busy') throw fail('OST_TRANSFER_UNAVAILABLE', { url, status, code, detail });
    return { kind: 'refused', code, detail };
  };
