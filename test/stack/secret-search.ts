import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';

export interface Secret {
  readonly name: string;
  readonly bytes: Uint8Array;
}

interface Needle {
  readonly what: string;
  readonly bytes: Buffer;
}

/** Enough of a secret to be no chance, and little enough to be found where a part of it was overwritten. */
const longestNeedle = 24;
const chunkBytes = 4 * 2 ** 20;

/** Each way in which a secret may have been written, at least 12 bytes of it. */
function needlesOf({ name, bytes }: Secret): readonly Needle[] {
  const raw = Buffer.from(bytes);
  // In base64 the place of a byte decides how it is written: three ways, without what the neighbours decide, too.
  const base64 = [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), raw])
      .toString('base64')
      .replace(/=+$/, '');
    return text.slice(before === 0 ? 0 : 4, -1);
  });
  const texts = {
    raw: raw.subarray(0, longestNeedle),
    'UTF-16': Buffer.from(raw.toString('latin1').slice(0, longestNeedle), 'utf16le'),
    hex: Buffer.from(raw.toString('hex').slice(0, longestNeedle * 2)),
    'hex in capitals': Buffer.from(
      raw
        .toString('hex')
        .slice(0, longestNeedle * 2)
        .toUpperCase(),
    ),
    ...Object.fromEntries(base64.map((text, at) => [`base64 at ${at}`, Buffer.from(text.slice(0, longestNeedle))])),
    ...Object.fromEntries(
      base64.map((text, at) => [
        `base64url at ${at}`,
        Buffer.from(text.slice(0, longestNeedle).replaceAll('+', '-').replaceAll('/', '_')),
      ]),
    ),
  };
  return Object.entries(texts).map(([form, needle]) => ({ what: `${name} as ${form}`, bytes: needle }));
}

/** Finds secrets in bytes, in every form in which they may have been written. */
export class SecretSearch {
  readonly #byHead = new Map<number, Needle[]>();
  /** Whether a needle begins with these two bytes. */
  readonly #heads = new Uint8Array(0x10000);
  readonly #longest: number;

  constructor(secrets: readonly Secret[]) {
    const needles = secrets.flatMap(needlesOf);
    this.#longest = Math.max(...needles.map(({ bytes }) => bytes.length));
    for (const needle of needles) {
      const head = needle.bytes.readUInt16BE(0);
      this.#heads[head] = 1;
      this.#byHead.set(head, [...(this.#byHead.get(head) ?? []), needle]);
    }
  }

  /** What is found in these bytes; each needle once. */
  inBytes(bytes: Buffer, found: Set<string> = new Set()): Set<string> {
    const heads = this.#heads;
    let head = bytes[0] ?? 0;
    for (let at = 1; at < bytes.length; at++) {
      head = ((head << 8) | (bytes[at] ?? 0)) & 0xffff;
      if (heads[head] !== 1) continue;
      for (const { what, bytes: needle } of this.#byHead.get(head) ?? []) {
        const start = at - 1;
        if (!found.has(what) && bytes.subarray(start, start + needle.length).equals(needle)) found.add(what);
      }
    }
    return found;
  }

  /** What is found in the files of a folder and below it. */
  inFolder(folder: string): ReadonlySet<string> {
    const found = new Set<string>();
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (entry.isFile()) this.inBytes(readFileSync(join(entry.parentPath, entry.name)), found);
    }
    return found;
  }

  /** What is found in a process: all memory that is its own, its command line and its environment. */
  inProcess(pid: number): { readonly found: ReadonlySet<string>; readonly bytes: number } {
    const found = this.inBytes(
      Buffer.concat(['cmdline', 'environ'].map((name) => readFileSync(`/proc/${pid}/${name}`))),
    );
    const memory = openSync(`/proc/${pid}/mem`, 'r');
    let bytes = 0;
    try {
      for (const { start, end } of ownMemory(pid)) bytes += this.#inRegion(memory, start, end, found);
    } finally {
      closeSync(memory);
    }
    return { found, bytes };
  }

  #inRegion(memory: number, start: number, end: number, found: Set<string>): number {
    const buffer = Buffer.alloc(Math.min(chunkBytes + this.#longest, end - start));
    let seen = 0;
    for (let at = start; at < end; at += chunkBytes) {
      const length = Math.min(chunkBytes + this.#longest, end - at);
      const read = readOrNothing(memory, buffer, length, at);
      // Chunks overlap, so that nothing falls between two.
      this.inBytes(buffer.subarray(0, read), found);
      seen += Math.min(read, chunkBytes);
    }
    return seen;
  }
}

function readOrNothing(memory: number, buffer: Buffer, length: number, at: number): number {
  try {
    return readSync(memory, buffer, 0, length, at);
  } catch {
    // Given back since the map was read, or a page that nobody may read.
    return 0;
  }
}

interface Region {
  readonly start: number;
  readonly end: number;
}

/** Memory that the process wrote to: pages of its own that are there, or that were swapped out. */
function ownMemory(pid: number): readonly Region[] {
  const regions = readFileSync(`/proc/${pid}/smaps`, 'utf8').split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m);
  const pages = openSync(`/proc/${pid}/pagemap`, 'r');
  try {
    return regions.flatMap((region) => {
      const [, start = '', end = '', permissions = ''] = /^([0-9a-f]+)-([0-9a-f]+) (\S+)/.exec(region) ?? [];
      // A page that was written and then made read-only is still private and dirty.
      const dirty = Number(/^Private_Dirty:\s+(\d+)/m.exec(region)?.[1] ?? 0);
      const wanted = permissions.startsWith('r') && (permissions[1] === 'w' || dirty > 0);
      return wanted ? presentIn(pages, Number.parseInt(start, 16), Number.parseInt(end, 16)) : [];
    });
  } finally {
    closeSync(pages);
  }
}

const pageBytes = 4096;
const entryBytes = 8;
/** "Present" and "swapped" are the highest two bits of a page's entry. */
const thereMask = 0xc0;

/** Runs of pages that are there; what was only reserved would be read as zeros, for minutes. */
function presentIn(pages: number, start: number, end: number): readonly Region[] {
  const entries = Buffer.alloc(((end - start) / pageBytes) * entryBytes);
  const read = readOrNothing(pages, entries, entries.length, (start / pageBytes) * entryBytes);
  const runs: Region[] = [];
  let from: number | null = null;
  for (let at = 0; at <= read; at += entryBytes) {
    const there = at < read && ((entries[at + entryBytes - 1] ?? 0) & thereMask) !== 0;
    const address = start + (at / entryBytes) * pageBytes;
    if (there) from ??= address;
    else if (from !== null) {
      runs.push({ start: from, end: address });
      from = null;
    }
  }
  return runs;
}
