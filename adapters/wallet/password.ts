import { fstatSync, readSync, writeSync } from 'node:fs';
import { fail } from '../../domain/errors/error.ts';
import { readPrivateFile } from './private-file.ts';
import { promptHidden } from './prompt.ts';

/** Where the password of an encrypted key file comes from; open files are named by their numbers in this process. */
export interface PasswordSource {
  /** A file with the password and nothing else. */
  readonly file?: string;
  /** An open file that holds the password, or nothing yet; what was typed goes there for a process that follows. */
  readonly kept?: number;
  /** A terminal on which somebody can be asked. */
  readonly terminal?: number;
}

const largestBytes = 4096;

/**
 * The password for a key file: of the password's file, else what is kept, else what is typed. As bytes, so that it can
 * be wiped. `typed` says whether somebody typed it. Raises OST_WALLET_ENCRYPTED where there is no source at all.
 */
export async function readPassword(
  source: PasswordSource,
  keyFile: string,
): Promise<{ readonly password: Buffer; readonly typed: boolean }> {
  if (source.file !== undefined)
    return { password: withoutLineBreak(await readPrivateFile(source.file)), typed: false };
  const kept = source.kept === undefined ? null : readKept(source.kept);
  if (kept !== null) return { password: kept, typed: false };
  if (source.terminal === undefined) throw fail('OST_WALLET_ENCRYPTED', { file: keyFile });
  return { password: await promptHidden(source.terminal, `Password of ${keyFile}: `), typed: true };
}

/** Keeps a password that was right for the next process that needs it. */
export function keepPassword({ kept }: PasswordSource, password: Uint8Array): void {
  if (kept !== undefined) writeSync(kept, password, 0, password.length, 0);
}

/** By position: processes that inherited the same open file share one place in it. */
function readKept(fd: number): Buffer | null {
  const { size } = fstatSync(fd);
  if (size === 0 || size > largestBytes) return null;
  const bytes = Buffer.alloc(size);
  return bytes.subarray(0, readSync(fd, bytes, 0, size, 0));
}

/** Editors end a file with a line break, which is no part of the password. */
function withoutLineBreak(bytes: Buffer): Buffer {
  let end = bytes.length;
  if (bytes[end - 1] === 0x0a) end -= 1;
  if (bytes[end - 1] === 0x0d) end -= 1;
  return bytes.subarray(0, end);
}
