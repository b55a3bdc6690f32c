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

/** A scan looks at one word of each stride: of a needle this long one lies within it, wherever it begins. */
const strideBytes = 8;
const wordBytes = 4;
const leastNeedle = strideBytes + wordBytes - 1;
const tableBits = 16;

/** Taken once: in jest's sandbox each look at a global costs more than all the rest of a step. */
const { imul } = Math;

/** Where a word has its place in the table of those that are looked for. */
const placeOf = (word: number): number => imul(word, 0x9e3779b1) >>> (32 - tableBits);

/** A word of a needle, and where in it. */
interface Part {
  readonly needle: Needle;
  readonly at: number;
}

/** Finds secrets in bytes, in every form in which they may have been written. */
export class SecretSearch {
  readonly #byWord = new Map<number, Part[]>();
  /** Whether a word that is looked for has its place here. */
  readonly #wanted = new Uint8Array(1 << tableBits);
  readonly #longest: number;

  constructor(secrets: readonly Secret[]) {
    const needles = secrets.flatMap(needlesOf);
    this.#longest = Math.max(...needles.map(({ bytes }) => bytes.length));
    for (const needle of needles) {
      if (needle.bytes.length < leastNeedle) throw new Error(`${needle.what} is too short to be searched for`);
      for (let at = 0; at < strideBytes; at++) {
        const word = new Uint32Array(Uint8Array.from(needle.bytes.subarray(at, at + wordBytes)).buffer)[0] ?? 0;
        this.#wanted[placeOf(word)] = 1;
        this.#byWord.set(word, [...(this.#byWord.get(word) ?? []), { needle, at }]);
      }
    }
  }

  /** What is found in these bytes; each needle once. */
  inBytes(bytes: Buffer, found: Set<string> = new Set()): Set<string> {
    // Words are read where words may lie.
    const aligned = bytes.byteOffset % wordBytes === 0 ? bytes : Buffer.from(Uint8Array.from(bytes).buffer);
    const words = new Uint32Array(aligned.buffer, aligned.byteOffset, Math.floor(aligned.length / wordBytes));
    const wanted = this.#wanted;
    for (let index = 0; index < words.length; index += strideBytes / wordBytes) {
      const word = words[index] ?? 0;
      if (wanted[placeOf(word)] === 1) this.#confirm(aligned, index * wordBytes, word, found);
    }
    return found;
  }

  #confirm(bytes: Buffer, position: number, word: number, found: Set<string>): void {
    for (const { needle, at } of this.#byWord.get(word) ?? []) {
      const start = position - at;
      if (start < 0 || found.has(needle.what)) continue;
      if (bytes.subarray(start, start + needle.bytes.length).equals(needle.bytes)) found.add(needle.what);
    }
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
    const buffer = Buffer.alloc(chunkBytes + this.#longest);
    let bytes = 0;
    try {
      for (const { start, end } of ownMemory(pid)) bytes += this.#inRegion(memory, buffer, start, end, found);
    } finally {
      closeSync(memory);
    }
    return { found, bytes };
  }

  #inRegion(memory: number, buffer: Buffer, start: number, end: number, found: Set<string>): number {
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
