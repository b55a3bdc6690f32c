import { crc32 } from 'node:zlib';

/** One entry of a zip file that a test makes; every field but name and data may lie. */
export interface ZipPart {
  readonly name: string;
  readonly data: Uint8Array;
  readonly localName?: string;
  readonly crc?: number;
  readonly method?: number;
  readonly flags?: number;
  /** The size that the directory declares. */
  readonly declared?: number;
  /** The size that the local header declares. */
  readonly localSize?: number;
  /** Moves the place that the directory declares. */
  readonly shift?: number;
  readonly extra?: Uint8Array;
  readonly disk?: number;
}

export interface ZipOptions {
  readonly prefix?: Uint8Array;
  readonly beforeDirectory?: Uint8Array;
  readonly comment?: string;
  readonly suffix?: Uint8Array;
  /** Entries that the end declares beyond those that are there. */
  readonly moreEntries?: number;
  readonly directoryShift?: number;
}

function localHeader(part: ZipPart, crc: number): Buffer {
  const name = Buffer.from(part.localName ?? part.name);
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(part.flags ?? 0, 6);
  header.writeUInt16LE(part.method ?? 0, 8);
  header.writeUInt32LE(crc, 14);
  header.writeUInt32LE(part.localSize ?? part.declared ?? part.data.length, 18);
  header.writeUInt32LE(part.localSize ?? part.declared ?? part.data.length, 22);
  header.writeUInt16LE(name.length, 26);
  return Buffer.concat([header, name, part.data]);
}

function directoryEntry(part: ZipPart, crc: number, offset: number): Buffer {
  const name = Buffer.from(part.name);
  const extra = part.extra ?? new Uint8Array(0);
  const header = Buffer.alloc(46);
  header.writeUInt32LE(0x02014b50, 0);
  header.writeUInt16LE(part.flags ?? 0, 8);
  header.writeUInt16LE(part.method ?? 0, 10);
  header.writeUInt32LE(crc, 16);
  header.writeUInt32LE(part.declared ?? part.data.length, 20);
  header.writeUInt32LE(part.declared ?? part.data.length, 24);
  header.writeUInt16LE(name.length, 28);
  header.writeUInt16LE(extra.length, 30);
  header.writeUInt16LE(part.disk ?? 0, 34);
  header.writeUInt32LE(offset + (part.shift ?? 0), 42);
  return Buffer.concat([header, name, extra]);
}

/** A zip file of stored entries, sound unless an entry or an option says otherwise. */
export function zipFile(parts: readonly ZipPart[], options: ZipOptions = {}): Buffer {
  const files: Uint8Array[] = [options.prefix ?? new Uint8Array(0)];
  const directory: Uint8Array[] = [];
  let offset = files[0]?.length ?? 0;
  for (const part of parts) {
    const crc = part.crc ?? crc32(part.data);
    const file = localHeader(part, crc);
    files.push(file);
    directory.push(directoryEntry(part, crc, offset));
    offset += file.length;
  }
  files.push(options.beforeDirectory ?? new Uint8Array(0));
  const directoryBytes = Buffer.concat(directory);
  const begin = offset + (options.beforeDirectory?.length ?? 0) + (options.directoryShift ?? 0);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(parts.length + (options.moreEntries ?? 0), 8);
  end.writeUInt16LE(parts.length + (options.moreEntries ?? 0), 10);
  end.writeUInt32LE(directoryBytes.length, 12);
  end.writeUInt32LE(begin, 16);
  end.writeUInt16LE(options.comment?.length ?? 0, 20);
  const tail = [Buffer.from(options.comment ?? ''), options.suffix ?? new Uint8Array(0)];
  return Buffer.concat([...files, directoryBytes, end, ...tail]);
}

/** The entries that a file of torch has, around a pickle and storages by their keys. */
export const torchParts = (pickle: Uint8Array, storages: Readonly<Record<string, Uint8Array>> = {}): ZipPart[] => [
  { name: 'x/data.pkl', data: pickle },
  { name: 'x/byteorder', data: Buffer.from('little') },
  ...Object.entries(storages).map(([key, data]) => ({ name: `x/data/${key}`, data })),
  { name: 'x/version', data: Buffer.from('3\n') },
];

export const torchFile = (pickle: Uint8Array, storages?: Readonly<Record<string, Uint8Array>>): Buffer =>
  zipFile(torchParts(pickle, storages));
