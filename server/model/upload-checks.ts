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
import type { Blocks } from '../../domain/units.ts';
import type { CommittedSubmission, ModelServerDeps } from './deps.ts';
import { checkAddressee, type Fields, readSignedRequest, type SignedRequest, textField } from './signed-request.ts';
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

export interface UploadClaim extends SignedRequest {
  readonly modelHash: string;
  readonly blockHex: string;
}

/** @throws OST_HTTP_FIELD */
export function readClaim(fields: Fields): UploadClaim {
  const request = readSignedRequest(fields);
  const modelHash = textField(fields, 'model_hex', /^[0-9a-f]{48}$/, 'the tensor hash, 48 lower-case hex digits');
  const blockHex = textField(fields, 'block_hex', /^[0-9a-f]{80}$/, 'the block message, 80 lower-case hex digits');
  return { ...request, modelHash, blockHex };
}

/** The name goes nowhere; it is refused because a client that sends such a one is not one of ours. */
export function checkFileName(name: string): void {
  const shown = name.slice(0, 80);
  if (name.length > 200 || !/^[\w.-]+\.safetensors$/.test(name))
    throw fail('OST_SUBMISSION_FILE_NAME', { name: shown });
}

/** What is known of a submission before its first byte is read. */
export interface ExpectedSubmission {
  readonly claim: UploadClaim;
  readonly window: Window;
  readonly committed: CommittedSubmission;
}

/**
 * Everything that can be judged by fields and chain alone, cheapest first, so that a refused file is never read. The
 * replay guard comes last: a request that was refused for another reason may be put right and sent again.
 */
export async function checkUpload(
  deps: ModelServerDeps,
  fields: Fields,
  fileName: string,
  head: Blocks,
): Promise<ExpectedSubmission> {
  const window = submissionWindow(deps.schedule, head);
  const claim = readClaim(fields);
  const { origin, block, modelHash } = claim;
  const { freshnessBlocks } = deps.limits;
  checkAddressee(claim, { ownHotkey: deps.ownHotkey, head, freshnessBlocks });
  const { start, end } = window;
  if (block < start || block > end) throw fail('OST_SUBMISSION_BLOCK', { block, start, end });
  checkFileName(fileName);

  const ownKey = deps.publicKey(deps.ownHotkey);
  if (claim.blockHex !== messageHex(blockMessage(ownKey, block))) {
    throw fail('OST_HTTP_FIELD', { field: 'block_hex', expected: 'the block message of origin_block for this server' });
  }
  await checkSigner(deps, claim, uploadMessage(modelHash, ownKey, block));
  await checkFirst(deps, window.cycle, claim);
  const committed = await checkCommit(deps, window.cycle, claim);
  if (!(await deps.requests.once(`upload/${origin}/${claim.signatureText}`, block))) {
    throw fail('OST_HTTP_REPLAYED', { hotkey: origin, block });
  }
  return { claim, window, committed };
}

/** @throws OST_SUBMISSION_DUPLICATE */
export async function checkFirst(
  { submissions }: Pick<ModelServerDeps, 'submissions'>,
  cycle: number,
  { origin }: SignedRequest,
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
