import { deflateRawSync } from 'node:zlib';
import type { Random } from '../../../faults/chain/random.ts';
import { dict, tensor, text, whole } from './pickle-bytes.ts';
import { torchParts, type ZipOptions, type ZipPart, zipFile } from './zip-file.ts';

type Family = (random: Random) => Uint8Array;

const pickle = whole(dict(text('a'), tensor()));
const storage = new Uint8Array(new Float32Array([1, 2, 3, 4]).buffer);
const parts = (): ZipPart[] => torchParts(pickle, { 0: storage });
/** The sound file, with one entry changed or put in its place. */
const changed = (index: number, change: Partial<ZipPart>, options?: ZipOptions): Buffer =>
  zipFile(
    parts().map((part, at) => (at === index ? { ...part, ...change } : part)),
    options,
  );
const withEntry = (name: string, data: Uint8Array = Buffer.from('x')): Buffer => zipFile([...parts(), { name, data }]);
const junk = (random: Random, most: number): Uint8Array =>
  new Uint8Array(random.between(1, most)).fill(random.between(0, 255));
const anyPart = (random: Random): number => random.between(0, parts().length - 1);

/** The sound file that all of these are made from. */
export const soundArchive = (): Buffer => zipFile(parts());

/** Families of archives that must be refused, whatever the seed. */
export const hostileArchives: Readonly<Record<string, Family>> = {
  'nothing but bytes': (random) => junk(random, 4096),
  'an empty file': () => new Uint8Array(0),
  'a file that is cut': (random) => soundArchive().subarray(0, random.between(1, soundArchive().length - 1)),
  'bytes before it': (random) => zipFile(parts(), { prefix: junk(random, 100) }),
  'an archive before it': () => zipFile(parts(), { prefix: soundArchive() }),
  'bytes after it': (random) => zipFile(parts(), { suffix: junk(random, 100) }),
  'an archive after it, as its comment': () => zipFile(parts(), { comment: soundArchive().toString('latin1') }),
  'a comment': (random) => zipFile(parts(), { comment: 'x'.repeat(random.between(1, 1000)) }),
  'bytes before the directory': (random) => zipFile(parts(), { beforeDirectory: junk(random, 100) }),
  'a directory elsewhere': (random) => zipFile(parts(), { directoryShift: random.between(-40, -1) }),
  'more entries than there are': (random) => zipFile(parts(), { moreEntries: random.between(1, 60_000) }),
  'fewer entries than there are': () => zipFile(parts(), { moreEntries: -1 }),
  'a compressed pickle': () => changed(0, { method: 8, data: deflateRawSync(pickle) }),
  'a bomb': (random) =>
    changed(2, {
      method: 8,
      data: deflateRawSync(new Uint8Array(random.between(1, 9) * 1_000_000)),
      declared: 2 ** 31,
    }),
  'an unknown compression': (random) => changed(anyPart(random), { method: random.between(1, 99) }),
  'an encrypted entry': (random) => changed(anyPart(random), { flags: 1 }),
  'an entry on another disk': (random) => changed(anyPart(random), { disk: random.between(1, 65_535) }),
  'a wrong checksum': (random) => changed(anyPart(random), { crc: random.between(0, 2 ** 32 - 1) }),
  'a size that lies': (random) => changed(2, { declared: 16 + random.between(1, 2 ** 31) }),
  'a size that lies in one place': (random) =>
    changed(anyPart(random), { localSize: random.between(100_000, 2 ** 31) }),
  'an entry that begins elsewhere': (random) => changed(random.between(1, 3), { shift: random.between(-40, -1) }),
  'two entries in one place': () => zipFile([...parts(), { name: 'x/data/1', data: storage, shift: -(30 + 8 + 16) }]),
  'another name in its own header': () => changed(2, { localName: 'x/data/1' }),
  'the same name twice': (random) => zipFile([...parts(), parts()[anyPart(random)] ?? { name: 'x', data: storage }]),
  'a second folder': () => withEntry('y/data.pkl', pickle),
  'an absolute name': () => withEntry('/etc/passwd'),
  'a name that leaves its folder': () => withEntry('x/../../etc/passwd'),
  'a folder called ..': () => zipFile(parts().map((part) => ({ ...part, name: part.name.replace('x/', '../') }))),
  'a folder with a control character': () =>
    zipFile(parts().map((part) => ({ ...part, name: part.name.replace('x/', 'x\n/') }))),
  'names without a folder': () => zipFile(parts().map((part) => ({ ...part, name: part.name.replace('x/', '') }))),
  'a very long name': (random) => withEntry(`x/data/${'0'.repeat(random.between(500, 60_000))}`),
  'an empty name': () => withEntry(''),
  'a storage with a strange key': (random) =>
    withEntry(`x/data/${['00', '-1', '1e3', 'a', '0/', '9'.repeat(20)][random.between(0, 5)]}`),
  'a program': (random) => withEntry(random.between(0, 1) === 0 ? 'x/code/__torch__.py' : 'x/constants.pkl'),
  'an archive within it': () => withEntry('x/data.pt', soundArchive()),
  'no pickle': () => zipFile(parts().slice(1)),
  'no version': () => zipFile(parts().slice(0, 3)),
  'no storage': () => zipFile(parts().filter(({ name }) => name !== 'x/data/0')),
  'no entries': () => zipFile([]),
  'big-endian numbers': () => changed(1, { data: Buffer.from('big') }),
  'a very large byteorder': (random) => changed(1, { data: junk(random, 1000).fill(0x6c) }),
  'malformed 64-bit sizes': (random) => changed(2, { declared: 0xffffffff, extra: junk(random, 40) }),
  'a 64-bit end that lies': (random) => {
    const sound = soundArchive();
    const end = sound.subarray(-22);
    const record = Buffer.alloc(76);
    record.writeUInt32LE(0x06064b50, 0);
    record.writeBigUInt64LE(44n, 4);
    record.writeBigUInt64LE(BigInt(random.between(0, 2 ** 40)), 24);
    record.writeUInt32LE(0x07064b50, 56);
    record.writeBigUInt64LE(BigInt(sound.length - 22), 64);
    record.writeUInt32LE(1, 72);
    return Buffer.concat([sound.subarray(0, -22), record, end]);
  },
};
