import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cancellationSignal, heartbeat } from '@temporalio/activity';
import { asSafetensors } from '../../adapters/artifacts/checkpoint-format.ts';
import type { Incoming } from '../../adapters/artifacts/incoming.ts';
import { type PullRules, pullFile } from '../../adapters/artifacts/pull/pull-file.ts';
import { hashTensors } from '../../adapters/artifacts/tensor-hash.ts';
import { isOstinatoError } from '../../domain/errors/error.ts';
import { bytes as bytesUnit } from '../../domain/units.ts';
import { beating } from '../beating.ts';
import type { ValidatorDeps } from '../cycle/deps.ts';
import type { PulledFile, SubmissionActivities } from './activities.ts';

export type TransferRules = Omit<PullRules, 'maxBytes'>;
type Input = Parameters<SubmissionActivities['pullSubmission']>[0];

/**
 * Fetches what a miner committed to from where the miner says it is, resuming what an earlier attempt left. A
 * repetition fetches nothing twice: bytes in progress stay on disk until the file is in the store.
 */
export const pullSubmission =
  (deps: ValidatorDeps): SubmissionActivities['pullSubmission'] =>
  async (input) => {
    const { cycle, hotkey, group, location } = input;
    heartbeat({ bytes: 0 });
    // In the store's folder, so that a file becomes an artefact by a rename.
    const folder = join(deps.store.folder, 'pulls');
    await mkdir(folder, { recursive: true });
    const to = join(folder, `${cycle}-${hotkey}`);
    const signal = cancellationSignal();
    const onProgress = (bytes: number, total: number | null) => heartbeat({ bytes, total });
    const rules = { ...deps.transfers, maxBytes: deps.maxSubmissionBytes };
    try {
      const pulled = await beating(() => pullFile({ location, group, to, signal, onProgress }, rules));
      if (pulled.kind === 'fault') return { kind: 'miner_fault', reason: pulled.reason, detail: pulled.detail };
      if (pulled.kind !== 'file') return pulled;
      const { digest, bytes } = pulled.file;
      return await beating(() => take(deps, input, deps.store.adopt({ path: to, digest, bytes }), pulled.source));
    } catch (error) {
      // A cancellation is none of the server's doing; the next attempt goes on from the bytes on disk.
      if (signal.aborted) throw signal.reason;
      throw error;
    }
  };

async function take(deps: ValidatorDeps, input: Input, arrived: Incoming, source: string): Promise<PulledFile> {
  const { hotkey, modelHash, group, cycle } = input;
  const { store, ledger, chain, log, maxSubmissionBytes: maxBytes } = deps;
  try {
    const options = { name: `the file of ${hotkey}`, maxBytes, signal: cancellationSignal() };
    await using incoming = await asSafetensors(store, arrived, options);
    const { hash } = await hashTensors(incoming.path);
    if (hash !== modelHash) {
      return { kind: 'miner_fault', reason: 'hash', detail: `the tensors at ${source} hash to ${hash}` };
    }
    const { digest, bytes } = await incoming.keep('application/vnd.safetensors');
    const { number: block } = await chain.head();
    if (input.keep) {
      const scope = { chain: deps.chainName, netuid: deps.netuid, validator: deps.hotkey, cycle };
      await ledger.submissions.accept({
        ...scope,
        hotkey,
        group,
        modelHash,
        digest,
        bytes: bytesUnit(bytes),
        block,
        receivedAtBlock: block,
        source,
      });
    }
    log.info({ event: 'submission_pulled', hotkey, group, digest, bytes, source }, `Fetched ${source} of ${hotkey}`);
    return { kind: 'file', file: { digest, bytes, block }, source };
  } catch (error) {
    if (isOstinatoError(error) && error.fault === 'miner') {
      return { kind: 'miner_fault', reason: 'malformed_file', detail: error.message };
    }
    throw error;
  } finally {
    await arrived.discard();
  }
}
