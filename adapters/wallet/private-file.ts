import { type FileHandle, open } from 'node:fs/promises';
import { fail } from '../../domain/errors/error.ts';

/** Bits by which anybody but the owner may do anything with a file. */
const othersMask = 0o077;
/** Key and password files have a few hundred bytes; what is larger is something else. */
const largestBytes = 64 * 1024;

/**
 * Reads a file that must be its owner's alone: a key, a mnemonic or a password. Raises OST_WALLET_NOT_FOUND, and
 * OST_WALLET_PERMISSIONS with the command that mends it.
 */
export async function readPrivateFile(file: string): Promise<Buffer> {
  await using handle = await opened(file);
  // Of the file that is open: between a look at the path and its reading, another file could take its place.
  const { mode, size } = await handle.stat();
  if ((mode & othersMask) !== 0) {
    const permissions = (mode & 0o777).toString(8).padStart(3, '0');
    throw fail('OST_WALLET_PERMISSIONS', { file, permissions, command: `chmod 600 ${quoted(file)}` });
  }
  if (size > largestBytes) throw fail('OST_WALLET_INVALID', { source: file, reason: `it has ${size} bytes` });
  return handle.readFile();
}

async function opened(file: string): Promise<FileHandle> {
  try {
    return await open(file, 'r');
  } catch (error) {
    throw fail('OST_WALLET_NOT_FOUND', { file }, { cause: error });
  }
}

/** As a shell takes it, whatever is in the name. */
const quoted = (file: string): string => (/^[\w./~-]+$/.test(file) ? file : `'${file.replaceAll("'", "'\\''")}'`);
