import { randomBytes } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fail } from '../../domain/errors/error.ts';

const hasCode = (error: unknown, ...codes: readonly string[]): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && codes.includes(String(error.code));

export const isMissing = (error: unknown): boolean => hasCode(error, 'ENOENT');

/** Turns the system's "no space" (or quota) and "read-only" into our own errors; passes everything else on as it is. */
export function diskError(error: unknown, folder: string, neededBytes: number): unknown {
  if (hasCode(error, 'ENOSPC', 'EDQUOT')) return fail('OST_DISK_FULL', { folder, neededBytes }, { cause: error });
  return hasCode(error, 'EROFS') ? fail('OST_DISK_READ_ONLY', { folder }, { cause: error }) : error;
}

/** Makes a folder's entries durable: without it a rename may be undone by a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  await using handle = await open(folder, 'r');
  await handle.sync();
}

/** Writes all of a buffer: one write may take only a part of it. */
export async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, at, bytes.length - at);
    at += bytesWritten;
  }
}

/**
 * Writes a file so that readers see the old one or the complete new one and nothing between: a temporary file beside
 * it, fsync, rename, fsync of the folder. A failure leaves no temporary file.
 *
 * @throws OST_DISK_FULL, or the system's error, or whatever `write` throws
 */
export async function writeAtomically<T>(path: string, write: (handle: FileHandle) => Promise<T>): Promise<T> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const handle = await open(temporary, 'wx');
    let result: T;
    try {
      result = await write(handle);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
    await syncFolder(dirname(path));
    return result;
  } catch (error) {
    await rm(temporary, { force: true });
    throw diskError(error, dirname(path), 0);
  }
}
