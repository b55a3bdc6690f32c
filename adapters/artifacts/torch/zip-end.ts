import { readFully } from '../read-fully.ts';
import type { OpenFile } from './open-file.ts';

const endBytes = 22;
const locatorBytes = 20;
const end64Bytes = 56;
const saturated16 = 0xffff;
const saturated32 = 0xffffffff;

/** Where a zip file's central directory lies. */
export interface DirectoryPlace {
  readonly entries: number;
  readonly offset: number;
  readonly bytes: number;
}

/**
 * Reads the records at the end of a zip file. torch writes the 64-bit ones always, Python's zipfile only where they
 * are needed. A comment, bytes after the end or a hole before it are refused: two readers could find two directories.
 */
export async function readZipEnd({ handle, bytes }: OpenFile): Promise<DirectoryPlace | { readonly problem: string }> {
  const tail = Buffer.alloc(Math.min(bytes, endBytes + locatorBytes + end64Bytes));
  if (!(await readFully(handle, tail, bytes - tail.length))) return { problem: 'it was cut while it was read' };
  const at = tail.length - endBytes;
  if (at < 0 || tail.readUInt32LE(at) !== 0x06054b50) return { problem: 'its end is missing, so it was cut short' };
  if (tail.readUInt32LE(at + 4) !== 0) return { problem: 'it is one of several disks' };
  if (tail.readUInt16LE(at + 20) !== 0) return { problem: 'it has a comment' };
  const small = {
    entries: tail.readUInt16LE(at + 10),
    bytes: tail.readUInt32LE(at + 12),
    offset: tail.readUInt32LE(at + 16),
  };
  if (tail.readUInt16LE(at + 8) !== small.entries) return { problem: 'it counts its entries in two ways' };

  const locator = at - locatorBytes;
  const large = locator >= 0 && tail.readUInt32LE(locator) === 0x07064b50;
  const place = large ? readEnd64(tail, bytes, small) : small;
  if (place === null) return { problem: 'its 64-bit end disagrees with its other end' };
  const end = bytes - endBytes - (large ? locatorBytes + end64Bytes : 0);
  if (place.offset + place.bytes !== end) return { problem: 'its directory does not end where its end begins' };
  return place;
}

/** The 64-bit record must lie right before its locator, and the 32-bit fields repeat it or are saturated. */
function readEnd64(tail: Buffer, fileBytes: number, small: DirectoryPlace): DirectoryPlace | null {
  const locator = tail.length - endBytes - locatorBytes;
  const at = locator - end64Bytes;
  if (at < 0 || tail.readUInt32LE(at) !== 0x06064b50 || tail.readBigUInt64LE(at + 4) !== 44n) return null;
  const expectedOffset = BigInt(fileBytes - endBytes - locatorBytes - end64Bytes);
  if (tail.readBigUInt64LE(locator + 8) !== expectedOffset || tail.readUInt32LE(locator + 16) !== 1) return null;
  if (tail.readUInt32LE(locator + 4) !== 0 || tail.readBigUInt64LE(at + 16) !== 0n) return null;
  const place = {
    entries: Number(tail.readBigUInt64LE(at + 32)),
    bytes: Number(tail.readBigUInt64LE(at + 40)),
    offset: Number(tail.readBigUInt64LE(at + 48)),
  };
  if (tail.readBigUInt64LE(at + 24) !== tail.readBigUInt64LE(at + 32)) return null;
  if (small.entries !== place.entries && small.entries !== saturated16) return null;
  if (small.bytes !== place.bytes && small.bytes !== saturated32) return null;
  if (small.offset !== place.offset && small.offset !== saturated32) return null;
  return place;
}
