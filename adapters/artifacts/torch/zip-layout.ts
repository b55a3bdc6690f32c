import { readFully } from '../read-fully.ts';
import type { OpenFile } from './open-file.ts';
import { describedLater, saturated, type ZipDirectory, type ZipEntry } from './zip-directory.ts';

const headerBytes = 30;
const descriptorSignature = 0x08074b50;

/** Where an entry's bytes lie. */
export interface StoredRecord {
  readonly name: string;
  readonly begin: number;
  readonly bytes: number;
  readonly crc: number;
}

type Refuse = (problem: string) => Error;

/**
 * Checks each entry's local header against the directory, and that the entries fill the file from its first byte to
 * the directory without holes or overlaps: what nobody reads could hold another file's beginning, and what two entries
 * share could be read as both.
 */
export async function placeEntries(
  file: OpenFile,
  { entries, offset: directoryOffset }: ZipDirectory,
  refuse: Refuse,
): Promise<readonly StoredRecord[]> {
  const sorted = entries.toSorted((a, b) => a.offset - b.offset);
  const records: StoredRecord[] = [];
  let expected = 0;
  for (const [index, entry] of sorted.entries()) {
    if (entry.offset !== expected) throw refuse(`"${entry.name}" does not begin where the entry before it ends`);
    const begin = await readLocalHeader(file, entry, directoryOffset, refuse);
    const end = begin + entry.bytes;
    const next = sorted[index + 1]?.offset ?? directoryOffset;
    if (end > next) throw refuse(`"${entry.name}" reaches into what follows it`);
    expected = end + (await checkDescriptor(file, entry, end, next, refuse));
    records.push({ name: entry.name, begin, bytes: entry.bytes, crc: entry.crc });
  }
  if (expected !== directoryOffset) throw refuse('there are bytes between its entries and its directory');
  return records;
}

/** @returns where the data begin */
async function readLocalHeader(file: OpenFile, entry: ZipEntry, limit: number, refuse: Refuse): Promise<number> {
  const name = Buffer.from(entry.name);
  const header = Buffer.alloc(headerBytes + name.length);
  const inside = entry.offset + header.length <= limit && (await readFully(file.handle, header, entry.offset));
  if (!inside || header.readUInt32LE(0) !== 0x04034b50) throw refuse(`"${entry.name}" is not where it should be`);
  const sameName = header.readUInt16LE(26) === name.length && name.equals(header.subarray(headerBytes));
  if (!sameName) throw refuse(`"${entry.name}" has another name in its own header`);
  if (header.readUInt16LE(6) !== entry.flags || header.readUInt16LE(8) !== 0) {
    throw refuse(`"${entry.name}" is of another kind in its own header`);
  }
  const later = (entry.flags & describedLater) !== 0;
  const agrees = (value: number, declared: number, wide: boolean): boolean =>
    value === declared || (later && value === 0) || (wide && value === saturated);
  if (
    !agrees(header.readUInt32LE(14), entry.crc, false) ||
    !agrees(header.readUInt32LE(18), entry.bytes, true) ||
    !agrees(header.readUInt32LE(22), entry.bytes, true)
  ) {
    throw refuse(`"${entry.name}" has another size or checksum in its own header`);
  }
  return entry.offset + header.length + header.readUInt16LE(28);
}

/**
 * Reads what follows the data where the flag says so: a signature, or none, the checksum, and sizes of 4 or 8 bytes.
 */
async function checkDescriptor(
  file: OpenFile,
  entry: ZipEntry,
  end: number,
  next: number,
  refuse: Refuse,
): Promise<number> {
  if ((entry.flags & describedLater) === 0) return 0;
  const bytes = Buffer.alloc(next - end);
  const known = [12, 16, 20, 24].includes(bytes.length);
  if (!known || !(await readFully(file.handle, bytes, end))) {
    throw refuse(`"${entry.name}" is not followed by its own description`);
  }
  const at = bytes.length === 16 || bytes.length === 24 ? 4 : 0;
  const rest = bytes.length - at;
  const sizes =
    rest === 20
      ? [bytes.readBigUInt64LE(at + 4), bytes.readBigUInt64LE(at + 12)]
      : [bytes.readUInt32LE(at + 4), bytes.readUInt32LE(at + 8)].map(BigInt);
  const signed = at === 0 || bytes.readUInt32LE(0) === descriptorSignature;
  if (!signed || bytes.readUInt32LE(at) !== entry.crc || sizes.some((size) => size !== BigInt(entry.bytes))) {
    throw refuse(`"${entry.name}" is followed by the description of something else`);
  }
  return bytes.length;
}
