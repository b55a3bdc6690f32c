import { fail } from '../../domain/errors/error.ts';
import { firstCycle, phaseAt, phaseRange, type Schedule } from '../../domain/phases.ts';
import {
  blockMessage,
  commitMessage,
  decodeSignature,
  isModelHash,
  messageHex,
  uploadMessage,
} from '../../domain/signed-message.ts';
import type { Blocks, Hotkey } from '../../domain/units.ts';
import type { CommittedSubmission, ModelServerDeps } from './deps.ts';
import {
  checkFresh,
  checkTarget,
  type Fields,
  readSignedRequest,
  type SignedRequest,
  textField,
} from './signed-request.ts';
import { checkSigner, isSignedBy } from './signer.ts';

/** The Submission phase that a block lies in. */
export interface Window {
  readonly cycle: number;
  readonly start: Blocks;
  readonly end: Blocks;
}

/** @throws OST_SUBMISSION_PHASE where the block lies in another phase, or in that of another cycle than given */
export function submissionWindow(schedule: Schedule, head: Blocks, cycle?: number): Window {
  const at = phaseAt(schedule, head);
  const { start, end } = phaseRange(schedule, cycle ?? at.cycle, 'Submission');
  // Before its first cycle a schedule says what phase it is, but nobody takes part: the last cycle was another one's.
  const other = at.cycle < firstCycle(schedule) || (cycle !== undefined && at.cycle !== cycle);
  if (at.phase !== 'Submission' || other) {
    throw fail('OST_SUBMISSION_PHASE', { head, phase: at.phase, start, end });
  }
  return { cycle: at.cycle, start, end };
}

interface UploadClaim extends SignedRequest {
  readonly modelHash: string;
}

/** The originals' kinds of files; what is in them decides, and only safetensors and files of torch.save can be read. */
const fileKinds = /\.(pt|bin|ckpt|safetensors|tar)$/;

/** The name goes nowhere; it is refused because a client that sends such a one is not one of ours. */
export function checkFileName(name: string): void {
  const shown = name.slice(0, 80);
  if (name.length > 200 || !/^[\w.-]+$/.test(name)) throw fail('OST_SUBMISSION_FILE_NAME', { name: shown });
  if (!fileKinds.test(name)) throw fail('OST_SUBMISSION_FILE_TYPE', { name: shown });
}

/** What is known of a submission before its first byte is read. */
export interface ExpectedSubmission {
  /** The miner's hotkey. */
  readonly origin: Hotkey;
  /** The block that the signed message names, and the message's signature. */
  readonly block: Blocks;
  readonly signatureText: string;
  readonly window: Window;
  readonly committed: CommittedSubmission;
}

/**
 * Everything that can be judged by fields and chain alone, in the originals' order, so that a client gets the answer
 * that it got from them, and a refused file is never read. The originals looked at the signature after the file; here
 * it is the last check, and only {@link useSignature} comes after it.
 */
export async function checkUpload(
  deps: ModelServerDeps,
  fields: Fields,
  fileName: string,
  head: Blocks,
): Promise<ExpectedSubmission> {
  const { ownHotkey, schedule, limits } = deps;
  const request = readSignedRequest(fields);
  const { origin, block } = request;
  checkTarget(request, ownHotkey);
  const window = submissionWindow(schedule(), head);
  const { start, end } = window;
  if (block < start || block > end) throw fail('OST_SUBMISSION_BLOCK', { block, start, end });
  checkFresh(request, { head, freshnessBlocks: limits.freshnessBlocks });
  await checkAssigned(deps, window.cycle, origin);
  await checkFirst(deps, window.cycle, request);
  const claim = { ...request, modelHash: readHash(deps, fields, block) };
  const committed = await checkCommit(deps, window.cycle, claim);
  checkFileName(fileName);
  await checkSigner(deps, claim, uploadMessage(claim.modelHash, deps.publicKey(ownHotkey), block));
  return { origin, block, signatureText: request.signatureText, window, committed };
}

/**
 * The replay guard, once nothing else stands in the way: a request that was refused for another reason, or for want of
 * a place, may be put right and sent again.
 *
 * @throws OST_HTTP_REPLAYED
 */
export async function useSignature(
  { requests }: ModelServerDeps,
  { origin, block, signatureText }: ExpectedSubmission,
): Promise<void> {
  if (!(await requests.once(`upload/${origin}/${signatureText}`, block))) {
    throw fail('OST_HTTP_REPLAYED', { hotkey: origin, block });
  }
}

function readHash(deps: ModelServerDeps, fields: Fields, block: Blocks): string {
  const modelHash = textField(fields, 'model_hex', /^[0-9a-f]{48}$/, 'the tensor hash, 48 lower-case hex digits');
  const blockHex = textField(fields, 'block_hex', /^[0-9a-f]{80}$/, 'the block message, 80 lower-case hex digits');
  if (blockHex !== messageHex(blockMessage(deps.publicKey(deps.ownHotkey), block))) {
    throw fail('OST_HTTP_FIELD', { field: 'block_hex', expected: 'the block message of origin_block for this server' });
  }
  return modelHash;
}

/** Where nobody can tell who judges whom, nobody is turned away. @throws OST_SUBMISSION_NOT_ASSIGNED */
async function checkAssigned({ chain, ownHotkey }: ModelServerDeps, cycle: number, hotkey: Hotkey): Promise<void> {
  const validator = (await chain.validatorOf?.(hotkey, cycle)) ?? ownHotkey;
  if (validator !== ownHotkey) throw fail('OST_SUBMISSION_NOT_ASSIGNED', { hotkey, cycle, validator, own: ownHotkey });
}

/** @throws OST_SUBMISSION_DUPLICATE */
export async function checkFirst(
  { submissions }: Pick<ModelServerDeps, 'submissions'>,
  cycle: number,
  { origin }: Pick<SignedRequest, 'origin'>,
): Promise<void> {
  const earlier = await submissions.find(cycle, origin);
  if (earlier !== null) throw fail('OST_SUBMISSION_DUPLICATE', { hotkey: origin, cycle, digest: earlier.digest });
}

async function checkCommit(deps: ModelServerDeps, cycle: number, claim: UploadClaim): Promise<CommittedSubmission> {
  const { origin, modelHash } = claim;
  const committed = await deps.chain.committed(origin, cycle);
  if (committed === null || !isModelHash(committed.modelHash)) {
    throw fail('OST_SUBMISSION_NO_COMMIT', { hotkey: origin, cycle });
  }
  if (committed.modelHash !== modelHash) {
    throw fail('OST_SUBMISSION_HASH', { what: 'request', actual: modelHash, expected: committed.modelHash });
  }
  const signature = decodeSignature(committed.signature);
  if (signature === null || !isSignedBy(deps, commitMessage(modelHash), signature, origin)) {
    throw fail('OST_SUBMISSION_COMMIT_SIGNATURE', { hotkey: origin });
  }
  return committed;
}
