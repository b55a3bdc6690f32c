import { readSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { setImmediate as othersTurn } from 'node:timers/promises';
import type { ByteRange } from '../../adapters/artifacts/store.ts';

/** What a read takes where a thread has to be woken for it: with fewer bytes that costs more than moving them. */
const placeBytes = 1024 * 1024;
/**
 * What a read takes that the page cache answers: few enough that they are still in the processor when they are sent.
 */
const quickBytes = 256 * 1024;
/** The page cache is ten times as fast; a disk that has to be asked takes longer. */
const quickMs = 1;
/** How far the disk is asked in the background before the page cache is tried again. */
const backgroundBytes = 64 * 1024 * 1024;
/**
 * So many quick reads, and all others get their turn: a client that takes everything at once would keep them waiting.
 */
const quickReads = 4;

/**
 * Sends a part of a file and ends the answer; resolves when the kernel has all of it.
 *
 * A stream over the file takes new memory for each read, and a thread to fill it; both cost more than the bytes do.
 * Here one place is filled again and again, each time when the bytes before have left it. What lies in the page cache
 * is read at once; as soon as a read turns out to be of the disk, the ones after it go to a thread.
 *
 * @throws where the file is shorter than it was, cannot be read, or the other side is gone; the answer is then torn
 */
export async function sendFile(handle: FileHandle, { begin, end }: ByteRange, response: ServerResponse): Promise<void> {
  try {
    const place = Buffer.allocUnsafeSlow(Math.min(placeBytes, end - begin));
    // The first read is the likeliest one to go to the disk.
    let backgroundUntil = begin + 1;
    let quick = 0;
    for (let at = begin; at < end; ) {
      const left = Math.min(place.length, end - at);
      let bytesRead: number;
      if (at < backgroundUntil) {
        ({ bytesRead } = await handle.read(place, 0, left, at));
      } else {
        const started = performance.now();
        bytesRead = readSync(handle.fd, place, 0, Math.min(quickBytes, left), at);
        if (performance.now() - started > quickMs) backgroundUntil = at + backgroundBytes;
        quick += 1;
      }
      if (bytesRead === 0) throw new Error(`the file ends at ${at}`);
      at += bytesRead;
      await write(response, place.subarray(0, bytesRead));
      if (quick === quickReads) {
        quick = 0;
        await othersTurn();
      }
    }
    // What was on its way when the line broke is not reported by every write.
    if (response.destroyed) throw new Error('the other side is gone');
    response.end();
  } catch (error) {
    response.destroy();
    throw error;
  }
}

const write = (response: ServerResponse, bytes: Uint8Array): Promise<void> =>
  new Promise((resolve, reject) => {
    response.write(bytes, (error) => (error === null || error === undefined ? resolve() : reject(error)));
  });
