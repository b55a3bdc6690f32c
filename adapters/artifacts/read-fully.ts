import type { FileHandle } from 'node:fs/promises';

/**
 * Fills a buffer from a position of the file; one read gives at most 2 GiB, and may give less. False where the file ends
 * before that.
 */
export async function readFully(handle: FileHandle, buffer: Uint8Array, position: number): Promise<boolean> {
  for (let filled = 0; filled < buffer.length; ) {
    const { bytesRead } = await handle.read(buffer, filled, buffer.length - filled, position + filled);
    if (bytesRead === 0) return false;
    filled += bytesRead;
  }
  return true;
}
