import { join } from 'node:path';
import { fail } from '../../domain/errors/error.ts';
import { describeHolder, type FileLock, tryLock } from './lock.ts';

/**
 * Lets one program at a time have a state folder; a dead holder's lock is simply taken over (`abandonedBy` names it).
 * @throws OST_STATE_LOCKED naming the holder.
 */
export function acquireStateLock(stateFolder: string, role: string): FileLock {
  const attempt = tryLock(join(stateFolder, 'run', 'state.lock'), role);
  if (attempt.kind === 'held') return attempt.lock;
  throw fail('OST_STATE_LOCKED', { folder: stateFolder, holder: describeHolder(attempt.holder) });
}
