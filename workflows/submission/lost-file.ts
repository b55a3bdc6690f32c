import type { ReceivedFile } from '../../activities/submission/activities.ts';
import type { SubmissionInput } from '../../domain/submission.ts';
import { fileOfPeer } from './peer-file.ts';
import { pulledFile } from './pulled-file.ts';
import type { SubmissionView } from './view.ts';

export type StoredFile = Pick<ReceivedFile, 'digest' | 'bytes'>;

/**
 * Brings a file back that vanished from our own disk: from where the miner serves it, else from the model server that
 * took it, which may have a store of its own. Null where it is not to be had, or where it is another file by now; the
 * miner has done its part either way.
 */
export async function fetchedAgain(
  input: SubmissionInput,
  lost: StoredFile,
  view: SubmissionView,
): Promise<StoredFile | null> {
  const { entry, source, cycleIndex, validator } = input;
  const { artifact, modelHash } = entry;
  view.show('fetching the file again, which is missing on our disk');
  if (artifact.kind !== 'pushed' && modelHash !== null) {
    const pulled = await pulledFile(input, { location: artifact, modelHash, keep: false });
    if (pulled.kind === 'file') return sameAs(lost, pulled.file);
  }
  const from = source.kind === 'peer' ? source : cycleIndex === undefined ? null : { validator, cycleIndex };
  if (from === null) return null;
  const answer = await fileOfPeer(input, { kind: 'peer', ...from });
  return answer.kind === 'file' ? sameAs(lost, answer) : null;
}

const sameAs = (lost: StoredFile, { digest, bytes }: StoredFile): StoredFile | null =>
  digest === lost.digest ? { digest, bytes } : null;
