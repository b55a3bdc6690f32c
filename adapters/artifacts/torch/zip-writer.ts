import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { writeAll } from '../atomic-file.ts';
import { describedLater, saturated } from './zip-directory.ts';

const utf8Names = 0x0800;
const flags = describedLater | utf8Names;
const saturated16 = 0xffff;

interface Written {
  readonly name: Buffer;
  readonly crc: number;
  readonly bytes: number;
  readonly offset: number;
}

/** Writes a zip file of stored entries one after the other, as torch does: checksums follow the data they are of. */
export class ZipWriter {
  readonly #handle: FileHandle;
  readonly #entries: Written[] = [];
  #at = 0;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  async add(path: string, data: Uint8Array | AsyncIterable<Uint8Array>): Promise<void> {
    const name = Buffer.from(path);
    const offset = this.#at;
    const header = Buffer.alloc(30);
    header.writeUInt32LE(0x04034b50, 0);
    header.writeUInt16LE(flags, 6);
    header.writeUInt16LE(name.length, 26);
    await this.#write(header);
    await this.#write(name);
    let crc = 0;
    let bytes = 0;
    for await (const part of data instanceof Uint8Array ? [data] : data) {
      crc = crc32(part, crc);
      bytes += part.length;
      await this.#write(part);
    }
    await this.#write(description(crc, bytes));
    this.#entries.push({ name, crc, bytes, offset });
  }

  /** Writes the directory. @returns the bytes of the whole file */
  async end(): Promise<number> {
    const offset = this.#at;
    for (const entry of this.#entries) await this.#write(directoryEntry(entry));
    await this.#write(ending(this.#entries.length, offset, this.#at - offset));
    return this.#at;
  }

  async #write(bytes: Uint8Array): Promise<void> {
    await writeAll(this.#handle, bytes);
    this.#at += bytes.length;
  }
}

function description(crc: number, bytes: number): Buffer {
  const wide = bytes > saturated;
  const out = Buffer.alloc(wide ? 24 : 16);
  out.writeUInt32LE(0x08074b50, 0);
  out.writeUInt32LE(crc, 4);
  for (const at of [0, 1]) {
    if (wide) out.writeBigUInt64LE(BigInt(bytes), 8 + 8 * at);
    else out.writeUInt32LE(bytes, 8 + 4 * at);
  }
  return out;
}

function directoryEntry({ name, crc, bytes, offset }: Written): Buffer {
  const wide = [...(bytes >= saturated ? [bytes, bytes] : []), ...(offset >= saturated ? [offset] : [])];
  const extra = Buffer.alloc(wide.length === 0 ? 0 : 4 + 8 * wide.length);
  if (wide.length > 0) {
    extra.writeUInt16LE(0x0001, 0);
    extra.writeUInt16LE(8 * wide.length, 2);
    for (const [index, value] of wide.entries()) extra.writeBigUInt64LE(BigInt(value), 4 + 8 * index);
  }
  const head = Buffer.alloc(46);
  head.writeUInt32LE(0x02014b50, 0);
  head.writeUInt16LE(flags, 8);
  head.writeUInt32LE(crc, 16);
  head.writeUInt32LE(Math.min(bytes, saturated), 20);
  head.writeUInt32LE(Math.min(bytes, saturated), 24);
  head.writeUInt16LE(name.length, 28);
  head.writeUInt16LE(extra.length, 30);
  head.writeUInt32LE(Math.min(offset, saturated), 42);
  return Buffer.concat([head, name, extra]);
}

/** The 64-bit end, where it lies, and the 32-bit one: torch writes all three always. */
function ending(entries: number, offset: number, bytes: number): Buffer {
  const out = Buffer.alloc(56 + 20 + 22);
  out.writeUInt32LE(0x06064b50, 0);
  out.writeBigUInt64LE(44n, 4);
  out.writeBigUInt64LE(BigInt(entries), 24);
  out.writeBigUInt64LE(BigInt(entries), 32);
  out.writeBigUInt64LE(BigInt(bytes), 40);
  out.writeBigUInt64LE(BigInt(offset), 48);
  out.writeUInt32LE(0x07064b50, 56);
  out.writeBigUInt64LE(BigInt(offset + bytes), 64);
  out.writeUInt32LE(1, 72);
  out.writeUInt32LE(0x06054b50, 76);
  out.writeUInt16LE(Math.min(entries, saturated16), 84);
  out.writeUInt16LE(Math.min(entries, saturated16), 86);
  out.writeUInt32LE(Math.min(bytes, saturated), 88);
  out.writeUInt32LE(Math.min(offset, saturated), 92);
  return out;
}
