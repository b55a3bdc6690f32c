import type { FileHandle } from 'node:fs/promises';

/** An open file with the name that errors call it by. */
export interface OpenFile {
  readonly handle: FileHandle;
  readonly bytes: number;
  readonly name: string;
}

/** Fills a buffer from a position of the file. False where the file ends before that. */
export async function readFully(handle: FileHandle, buffer: Uint8Array, position: number): Promise<boolean> {
  for (let filled = 0; filled < buffer.length; ) {
    const { bytesRead } = await handle.read(buffer, filled, buffer.length - filled, position + filled);
    if (bytesRead === 0) return false;
    filled += bytesRead;
  }
  return true;
}
