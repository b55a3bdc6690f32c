import { readFully } from '../read-fully.ts';
import type { OpenFile } from './open-file.ts';
import { readZipEnd } from './zip-end.ts';

/** As many as a file may have tensors, and the few records beside them. */
const maxEntries = 60_000;
const maxDirectoryBytes = 16 * 1024 * 1024;
const maxNameBytes = 512;
const headerBytes = 46;
/** In a field of 32 bits: the value is in the 64-bit extra field. */
export const saturated = 0xffffffff;

/** One stored file of an archive, as the central directory declares it. */
export interface ZipEntry {
  readonly name: string;
  readonly crc: number;
  readonly bytes: number;
  /** Where its local header begins. */
  readonly offset: number;
  readonly flags: number;
}

export interface ZipDirectory {
  readonly entries: readonly ZipEntry[];
  /** Where the directory begins, which is where the last entry must end. */
  readonly offset: number;
}

/** A data descriptor follows the data, because the writer did not know sizes and checksum beforehand. */
export const describedLater = 0x0008;
const utf8Names = 0x0800;

type Refuse = (problem: string) => Error;

/**
 * Reads the central directory of a zip file whose entries are stored as they are. torch compresses nothing, so that a
 * compressed entry is refused, and with it every bomb.
 */
export async function readZipDirectory(file: OpenFile, refuse: Refuse): Promise<ZipDirectory> {
  const place = await readZipEnd(file);
  if ('problem' in place) throw refuse(place.problem);
  if (place.entries > maxEntries) throw refuse(`it has more than ${maxEntries} entries`);
  if (place.bytes > maxDirectoryBytes) throw refuse('its directory is larger than any model needs');
  const bytes = Buffer.alloc(place.bytes);
  if (!(await readFully(file.handle, bytes, place.offset))) throw refuse('it was cut while it was read');

  const entries: ZipEntry[] = [];
  const names = new Set<string>();
  let at = 0;
  while (entries.length < place.entries) {
    const { entry, next } = readEntry(bytes, at, refuse);
    if (names.has(entry.name)) throw refuse(`it holds "${entry.name}" twice`);
    names.add(entry.name);
    entries.push(entry);
    at = next;
  }
  if (at !== bytes.length) throw refuse('its directory holds more than its entries');
  return { entries, offset: place.offset };
}

function readEntry(bytes: Buffer, at: number, refuse: Refuse): { readonly entry: ZipEntry; readonly next: number } {
  if (at + headerBytes > bytes.length || bytes.readUInt32LE(at) !== 0x02014b50) {
    throw refuse('its directory holds fewer entries than it announces');
  }
  const flags = bytes.readUInt16LE(at + 8);
  const nameEnd = at + headerBytes + bytes.readUInt16LE(at + 28);
  const extraEnd = nameEnd + bytes.readUInt16LE(at + 30);
  if (extraEnd + bytes.readUInt16LE(at + 32) > bytes.length) throw refuse('an entry reaches beyond its directory');
  const name = readName(bytes.subarray(at + headerBytes, nameEnd), refuse);
  if ((flags & ~(describedLater | utf8Names)) !== 0) throw refuse(`"${name}" is encrypted or of an unknown kind`);
  if (bytes.readUInt16LE(at + 10) !== 0) throw refuse(`"${name}" is compressed, which torch never does`);
  if (bytes.readUInt16LE(at + 34) !== 0) throw refuse(`"${name}" lies on another disk`);
  const small = {
    stored: bytes.readUInt32LE(at + 20),
    size: bytes.readUInt32LE(at + 24),
    offset: bytes.readUInt32LE(at + 42),
  };
  const { stored, size, offset } = widen(small, bytes.subarray(nameEnd, extraEnd), () =>
    refuse(`the 64-bit sizes of "${name}" are malformed`),
  );
  if (stored !== size) throw refuse(`"${name}" has two sizes`);
  const entry = { name, crc: bytes.readUInt32LE(at + 16), bytes: size, offset, flags };
  return { entry, next: extraEnd + bytes.readUInt16LE(at + 32) };
}

function readName(bytes: Uint8Array, refuse: Refuse): string {
  if (bytes.length === 0 || bytes.length > maxNameBytes) throw refuse('an entry has no name, or a very long one');
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw refuse('an entry has a name that is no UTF-8');
  }
}

interface Sizes {
  readonly stored: number;
  readonly size: number;
  readonly offset: number;
}

/** Takes saturated fields from the 64-bit extra field, in which exactly those follow one another, in this order. */
function widen(small: Sizes, extra: Buffer, refuse: () => Error): Sizes {
  const wide = new Map<keyof Sizes, number>();
  const wanted = (['size', 'stored', 'offset'] as const).filter((key) => small[key] === saturated);
  for (let at = 0; at < extra.length; ) {
    const end = at + 4 <= extra.length ? at + 4 + extra.readUInt16LE(at + 2) : Number.POSITIVE_INFINITY;
    if (end > extra.length) throw refuse();
    if (extra.readUInt16LE(at) === 1) {
      if (wide.size > 0 || end - at - 4 !== wanted.length * 8) throw refuse();
      for (const [index, key] of wanted.entries()) wide.set(key, Number(extra.readBigUInt64LE(at + 4 + index * 8)));
    }
    at = end;
  }
  const result = { ...small, ...Object.fromEntries(wide) };
  if (wide.size !== wanted.length || !Object.values(result).every(Number.isSafeInteger)) throw refuse();
  return result;
}
