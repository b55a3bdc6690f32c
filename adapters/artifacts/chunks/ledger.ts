import { type FileHandle, open, readFile } from 'node:fs/promises';
import { blake3 } from '@napi-rs/blake-hash';
import { type ChunkLayout, chunkCount } from '../../../domain/chunk-manifest.ts';
import { isDigest } from '../../../domain/read-value.ts';
import { isMissing, writeAll, writeAtomically } from '../atomic-file.ts';

/** What the chunks beside a ledger are chunks of. */
export interface ChunkedFile extends ChunkLayout {
  /** The strong ETag of the whole; null where nobody can tell it from another file, and nothing can be resumed. */
  readonly tag: string | null;
}

/** What an earlier attempt wrote down. */
export interface KeptChunks {
  readonly of: ChunkedFile;
  /** BLAKE3 by index. */
  readonly chunks: ReadonlyMap<number, string>;
}

const magic = 'ostinato-chunks-1';

/** A line with its own checksum: one that a crash or a full disk cut short is told from a whole one. */
const sealed = (text: string): string => `${text} ${blake3(text).toString('hex', 0, 4)}\n`;

function unsealed(line: string): string | null {
  const cut = line.lastIndexOf(' ');
  const text = line.slice(0, cut);
  return cut > 0 && sealed(text) === `${line}\n` ? text : null;
}

/** Reads a ledger; null where there is none, or where its first line does not say what it is of. */
export async function readChunkLedger(path: string): Promise<KeptChunks | null> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (isMissing(error)) return '';
    throw error;
  });
  const [head = '', ...lines] = text.split('\n');
  const of = readHead(unsealed(head));
  if (of === null) return null;
  const count = chunkCount(of);
  const chunks = new Map<number, string>();
  for (const line of lines) {
    // Each line stands alone: what a broken one said is fetched again.
    const [index, hash] = unsealed(line)?.split(' ') ?? [];
    const at = Number(index);
    if (hash === '-') chunks.delete(at);
    else if (Number.isSafeInteger(at) && at >= 0 && at < count && isDigest(hash)) chunks.set(at, hash);
  }
  return { of, chunks };
}

function readHead(text: string | null): ChunkedFile | null {
  if (text?.startsWith(`${magic} `) !== true) return null;
  const { bytes, chunkBytes, tag }: Record<string, unknown> = JSON.parse(text.slice(magic.length + 1));
  const fits = Number.isSafeInteger(bytes) && Number.isSafeInteger(chunkBytes) && (tag === null || isText(tag));
  return fits ? { bytes: Number(bytes), chunkBytes: Number(chunkBytes), tag } : null;
}

const isText = (value: unknown): value is string => typeof value === 'string';

/**
 * Which chunks of a file in progress are on disk, and what they hash to: one line for each, appended after its bytes
 * were written. A killed process loses nothing that has a line. A power cut may keep a line and lose its bytes, which
 * is why nobody believes a line of an earlier process before the bytes were read back and hashed.
 */
export class ChunkLedger {
  readonly #handle: FileHandle;
  readonly #chunks: Map<number, string>;

  private constructor(handle: FileHandle, chunks: ReadonlyMap<number, string>) {
    this.#handle = handle;
    this.#chunks = new Map(chunks);
  }

  /** Starts a ledger, or goes on with what was kept; written anew, so that no broken line stays in it. */
  static async open(path: string, { of, chunks }: KeptChunks): Promise<ChunkLedger> {
    const { bytes, chunkBytes, tag } = of;
    const lines = [
      `${magic} ${JSON.stringify({ bytes, chunkBytes, tag })}`,
      ...[...chunks].map((each) => each.join(' ')),
    ];
    await writeAtomically(path, (handle) => writeAll(handle, Buffer.from(lines.map(sealed).join(''))));
    return new ChunkLedger(await open(path, 'a'), chunks);
  }

  get chunks(): ReadonlyMap<number, string> {
    return this.#chunks;
  }

  async add(index: number, hash: string): Promise<void> {
    await writeAll(this.#handle, Buffer.from(sealed(`${index} ${hash}`)));
    this.#chunks.set(index, hash);
  }

  /** Takes back a chunk whose bytes turned out to be others. */
  async drop(index: number): Promise<void> {
    this.#chunks.delete(index);
    await writeAll(this.#handle, Buffer.from(sealed(`${index} -`)));
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}
