import { crc32 } from 'node:zlib';
import { fail } from '../../../domain/errors/error.ts';
import { readFully } from '../read-fully.ts';
import type { OpenFile } from './open-file.ts';
import { readZipDirectory } from './zip-directory.ts';
import { placeEntries, type StoredRecord } from './zip-layout.ts';

/** 250 bytes of pickle for a tensor are usual. */
const maxPickleBytes = 16 * 1024 * 1024;
const maxSmallRecordBytes = 64;
const scanBytes = 1024 * 1024;

/** Beside the pickle and the storages: what versions of torch write about the file itself. */
const smallRecords: ReadonlySet<string> = new Set([
  'version',
  'byteorder',
  '.format_version',
  '.storage_alignment',
  '.data/serialization_id',
]);

/** An archive of torch.save with its parts in their places. */
export interface TorchArchive {
  readonly file: OpenFile;
  readonly pickle: Uint8Array;
  /** By key: the decimal number that the pickle names a storage by. */
  readonly storages: ReadonlyMap<string, StoredRecord>;
}

/**
 * Opens a file of torch.save: one folder with `data.pkl`, `data/N` and a few records about the file, stored in a zip
 * file, little-endian. Everything small is read here and its checksum checked; the storages are not read yet.
 *
 * @throws OST_TORCH_LEGACY, OST_TORCH_ARCHIVE
 */
export async function readTorchArchive(file: OpenFile): Promise<TorchArchive> {
  const refuse = (problem: string) => fail('OST_TORCH_ARCHIVE', { file: file.name, problem });
  await checkBeginning(file, refuse);
  const records = await placeEntries(file, await readZipDirectory(file, refuse), refuse);
  const root = records[0]?.name.split('/')[0] ?? '';
  if (root === '' || /[\p{Cc}\\]|^\.\.?$/u.test(root)) throw refuse('its folder has a name that no folder should have');

  const storages = new Map<string, StoredRecord>();
  let pickle: Uint8Array | null = null;
  let versioned = false;
  for (const record of records) {
    const name = record.name.startsWith(`${root}/`) ? record.name.slice(root.length + 1) : null;
    const key = /^data\/(0|[1-9]\d{0,8})$/.exec(name ?? '')?.[1];
    if (key !== undefined) storages.set(key, record);
    else if (name === 'data.pkl') pickle = await readRecord(file, record, maxPickleBytes, refuse);
    else if (name !== null && smallRecords.has(name)) {
      const text = Buffer.from(await readRecord(file, record, maxSmallRecordBytes, refuse)).toString('latin1');
      if (name === 'byteorder' && text !== 'little') throw refuse('its numbers are not little-endian');
      if (name === 'version') versioned = true;
    } else if (name === 'constants.pkl' || name?.startsWith('code/') === true) {
      throw refuse('it is a TorchScript program and not a state dictionary');
    } else throw refuse(`it holds "${record.name.slice(0, 100)}", which no state dictionary needs`);
  }
  if (pickle === null || !versioned) throw refuse(`it has no ${pickle === null ? 'data.pkl' : 'version'}`);
  return { file, pickle, storages };
}

const isAt = (bytes: Uint8Array, offset: number, expected: Uint8Array | string): boolean =>
  Buffer.from(expected).equals(bytes.subarray(offset, offset + expected.length));

/** Protocol 2 and the magic number that opened the old format. */
const oldMagic = Buffer.from('80028a0a6cfc9c46f9206aa85019', 'hex');

/** Tells what is there instead of an archive: miners send what another program left them. */
async function checkBeginning(file: OpenFile, refuse: (problem: string) => Error): Promise<void> {
  const bytes = Buffer.alloc(Math.min(file.bytes, 512));
  if (!(await readFully(file.handle, bytes, 0))) throw refuse('it was cut while it was read');
  if (isAt(bytes, 0, 'PK\u0003\u0004')) return;
  const legacy = (format: string) => fail('OST_TORCH_LEGACY', { file: file.name, format });
  if (isAt(bytes, 0, oldMagic)) throw legacy('several pickles in a row');
  if (isAt(bytes, 257, 'ustar')) throw legacy('a tar archive');
  if (bytes.length === 0) throw refuse('it is empty');
  if (bytes[8] === 0x7b) throw refuse('it looks like safetensors; its name should end so');
  throw refuse('it is no zip file');
}

async function readRecord(
  file: OpenFile,
  record: StoredRecord,
  maxBytes: number,
  refuse: (problem: string) => Error,
): Promise<Uint8Array> {
  if (record.bytes > maxBytes) throw refuse(`"${record.name}" has more than ${maxBytes} bytes`);
  const bytes = new Uint8Array(record.bytes);
  if (!(await readFully(file.handle, bytes, record.begin))) throw refuse('it was cut while it was read');
  if (crc32(bytes) !== record.crc) throw refuse(`"${record.name}" does not have the checksum that it announces`);
  return bytes;
}

/** Reads all of a record for its checksum. @throws OST_TORCH_ARCHIVE */
export async function checkRecord(file: OpenFile, record: StoredRecord, signal?: AbortSignal): Promise<void> {
  const refuse = (problem: string) => fail('OST_TORCH_ARCHIVE', { file: file.name, problem });
  const buffer = new Uint8Array(Math.min(scanBytes, record.bytes));
  let crc = 0;
  for (let at = 0; at < record.bytes; ) {
    signal?.throwIfAborted();
    const chunk = buffer.subarray(0, Math.min(buffer.length, record.bytes - at));
    if (!(await readFully(file.handle, chunk, record.begin + at))) throw refuse('it was cut while it was read');
    crc = crc32(chunk, crc);
    at += chunk.length;
  }
  if (crc !== record.crc) throw refuse(`"${record.name}" does not have the checksum that it announces`);
}
