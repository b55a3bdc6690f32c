import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  maxHeaderJsonBytes,
  parseSafetensorsHeader,
  readSafetensorsHeader,
} from '../../../adapters/artifacts/safetensors-header.ts';
import { writeSafetensors } from '../../../adapters/artifacts/safetensors-writer.ts';
import type { Code } from '../../../domain/errors/catalogue.ts';
import { isOstinatoError } from '../../../domain/errors/error.ts';

/** A file of `json` as its header and `dataBytes` zeros. */
function file(json: string | Uint8Array, dataBytes: number, announced?: bigint): Uint8Array {
  const text = Buffer.from(json);
  const bytes = Buffer.alloc(8 + text.length + dataBytes);
  bytes.writeBigUInt64LE(announced ?? BigInt(text.length), 0);
  bytes.set(text, 8);
  return bytes;
}

const padded = (json: string) => json.padEnd(Math.ceil(json.length / 8) * 8);
const of = (json: string, dataBytes: number) => file(padded(json), dataBytes);
const parse = (bytes: Uint8Array) => parseSafetensorsHeader(bytes, bytes.length);

function codeOf(action: () => unknown): Code | 'accepted' {
  try {
    action();
    return 'accepted';
  } catch (error) {
    if (isOstinatoError(error)) return error.code;
    throw error;
  }
}

const tensor = (begin: number, end: number, dtype = 'F32', shape: unknown = [(end - begin) / 4]) =>
  JSON.stringify({ dtype, shape, data_offsets: [begin, end] });

describe('a malformed header', () => {
  const refused: readonly (readonly [string, Uint8Array, Code])[] = [
    ['an empty file', new Uint8Array(0), 'OST_SAFETENSORS_TRUNCATED'],
    ['seven bytes', new Uint8Array(7), 'OST_SAFETENSORS_TRUNCATED'],
    ['a header length of 0', file('{}', 0, 0n), 'OST_SAFETENSORS_TRUNCATED'],
    ['a header length of 1', file('{}', 0, 1n), 'OST_SAFETENSORS_TRUNCATED'],
    ['a length above the limit', file('{}', 0, BigInt(maxHeaderJsonBytes) + 1n), 'OST_SAFETENSORS_TRUNCATED'],
    ['a length above the file', file('{}', 0, 3n), 'OST_SAFETENSORS_TRUNCATED'],
    ['a length of -1 as u64', file('{}', 0, 2n ** 64n - 1n), 'OST_SAFETENSORS_TRUNCATED'],
    ['invalid UTF-8', file(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), 0), 'OST_SAFETENSORS_HEADER'],
    ['a byte order mark', file('\ufeff{}', 0), 'OST_SAFETENSORS_HEADER'],
    ['no JSON', of('{"a"', 0), 'OST_SAFETENSORS_HEADER'],
    ['an array', of('[]', 0), 'OST_SAFETENSORS_HEADER'],
    ['an entry that is no object', of('{"a":5}', 0), 'OST_SAFETENSORS_HEADER'],
    ['a tensor twice', of(`{"a":${tensor(0, 4)},"a":${tensor(0, 4)}}`, 4), 'OST_SAFETENSORS_HEADER'],
    [
      'a field twice',
      of('{"a":{"dtype":"U8","dtype":"F32","shape":[1],"data_offsets":[0,4]}}', 4),
      'OST_SAFETENSORS_HEADER',
    ],
    ['an escaped key twice', of(`{"a":${tensor(0, 4)},"\\u0061":${tensor(0, 4)}}`, 4), 'OST_SAFETENSORS_HEADER'],
    ['a metadata key twice', of('{"__metadata__":{"a":"1","a":"2"}}', 0), 'OST_SAFETENSORS_HEADER'],
    ['metadata that is no text', of('{"__metadata__":{"a":1}}', 0), 'OST_SAFETENSORS_HEADER'],
    ['a lone surrogate', of(`{"\\ud800":${tensor(0, 4)}}`, 4), 'OST_SAFETENSORS_HEADER'],
    ['a name of __proto__', of(`{"__proto__":${tensor(0, 4)}}`, 4), 'OST_SAFETENSORS_HEADER'],
    ['deep JSON', file(`{"a":${'['.repeat(1_000_000)}`, 0), 'OST_SAFETENSORS_HEADER'],
    [
      'three hundred thousand tensors',
      file(`{${Array.from({ length: 300_000 }, (_, i) => `"${i}":${tensor(0, 0)}`).join()}}`, 0),
      'OST_SAFETENSORS_HEADER',
    ],
    ['an exponent', of('{"a":{"dtype":"U8","shape":[1e2],"data_offsets":[0,100]}}', 100), 'OST_SAFETENSORS_HEADER'],
    ['a negative size', of(`{"a":${tensor(0, 4, 'F32', [-1, -1])}}`, 4), 'OST_SAFETENSORS_HEADER'],
    ['an unknown dtype', of(`{"a":${tensor(0, 4, 'F31')}}`, 4), 'OST_SAFETENSORS_TENSOR'],
    ['a dtype of the prototype', of(`{"a":${tensor(0, 4, 'toString')}}`, 4), 'OST_SAFETENSORS_TENSOR'],
    ['an unknown field', of('{"a":{"dtype":"U8","shape":[],"data_offsets":[0,1],"x":1}}', 1), 'OST_SAFETENSORS_TENSOR'],
    ['a missing field', of('{"a":{"dtype":"U8","shape":[1]}}', 1), 'OST_SAFETENSORS_TENSOR'],
    ['a shape that is no list', of(`{"a":${tensor(0, 4, 'F32', 1)}}`, 4), 'OST_SAFETENSORS_TENSOR'],
    [
      'a number beyond the exact integers',
      of(`{"a":{"dtype":"U8","shape":[9007199254740993],"data_offsets":[0,1]}}`, 1),
      'OST_SAFETENSORS_TENSOR',
    ],
    [
      'a product that overflows',
      of(`{"a":${tensor(0, 4, 'F32', [4294967296, 4294967296])}}`, 4),
      'OST_SAFETENSORS_TENSOR',
    ],
    ['a size unlike its dtype', of(`{"a":${tensor(0, 4, 'F64', [1])}}`, 4), 'OST_SAFETENSORS_TENSOR'],
    ['offsets backwards', of(`{"a":${tensor(4, 0, 'U8', [0])}}`, 4), 'OST_SAFETENSORS_TENSOR'],
    ['offsets out of range', of(`{"a":${tensor(0, 8)}}`, 4), 'OST_SAFETENSORS_TENSOR'],
    ['odd alignment', of(`{"b":${tensor(0, 1, 'U8', [1])},"a":${tensor(1, 5)}}`, 5), 'OST_SAFETENSORS_TENSOR'],
    ['overlapping tensors', of(`{"a":${tensor(0, 8)},"b":${tensor(4, 12)}}`, 12), 'OST_SAFETENSORS_LAYOUT'],
    ['equal offsets', of(`{"a":${tensor(0, 8)},"b":${tensor(0, 8)}}`, 8), 'OST_SAFETENSORS_LAYOUT'],
    ['a hole between tensors', of(`{"a":${tensor(0, 4)},"b":${tensor(8, 12)}}`, 12), 'OST_SAFETENSORS_LAYOUT'],
    ['a hole before the first tensor', of(`{"a":${tensor(4, 8)}}`, 8), 'OST_SAFETENSORS_LAYOUT'],
    ['trailing bytes', of(`{"a":${tensor(0, 4)}}`, 5), 'OST_SAFETENSORS_LAYOUT'],
    ['data without tensors', of('{}', 1), 'OST_SAFETENSORS_LAYOUT'],
  ];

  test.each(refused)('%s is refused with its own error', (_, bytes, code) => {
    expect(codeOf(() => parse(bytes))).toBe(code);
  });
});

describe('a sound header', () => {
  test('gives absolute offsets in the order of the data, whatever the order of its keys', () => {
    const json = padded(`{"b":${tensor(4, 12)},"a":${tensor(0, 4)}}`);
    const header = parse(file(json, 12));
    expect(header.headerBytes).toBe(8 + json.length);
    expect([...header.tensors.keys()]).toEqual(['a', 'b']);
    expect(header.tensors.get('b')).toEqual({
      dtype: 'F32',
      shape: [2],
      begin: header.headerBytes + 4,
      end: header.headerBytes + 12,
    });
  });

  test('may hold empty tensors, scalars, metadata and no tensor at all', () => {
    const json = `{"__metadata__":{"v":"1:{e}"},"a":${tensor(0, 0, 'F32', [0, 5])},"s":${tensor(0, 4, 'F32', [])}}`;
    const header = parse(of(json, 4));
    expect([...header.tensors.keys()]).toEqual(['a', 's']);
    expect([...header.metadata]).toEqual([['v', '1:{e}']]);
    expect(parse(file('{}', 0)).tensors.size).toBe(0);
  });

  test('of 10 000 tensors is read', () => {
    const json = Array.from({ length: 10_000 }, (_, i) => `"t.${i}":${tensor(4 * i, 4 * i + 4)}`);
    expect(parse(of(`{${json.join()}}`, 40_000)).tensors.size).toBe(10_000);
  });
});

test('any mutation of a header is read or refused with a typed error, and nothing else happens', () => {
  const json = padded(
    `{"__metadata__":{"format":"pt"},"a.weight":${tensor(0, 16, 'F32', [2, 2])},"b":${tensor(16, 24)},"c":${tensor(24, 26, 'BF16', [1])}}`,
  );
  const sound = file(json, 26);
  const tokens = ['"', '{', '}', '[', ']', ',', ':', '\\', '0', '9', '-', '1e9', 'null', '"a":', '\u0000', '"b"'];
  const mutation = fc.record({
    at: fc.nat(sound.length - 1),
    remove: fc.nat(12),
    insert: fc.oneof(
      fc.constantFrom(...tokens).map((text) => Buffer.from(text)),
      fc.uint8Array({ maxLength: 6 }),
    ),
    keepLength: fc.boolean(),
  });
  const seen = new Set<string>();
  fc.assert(
    fc.property(fc.array(mutation, { minLength: 1, maxLength: 3 }), (mutations) => {
      let bytes = Buffer.from(sound);
      for (const { at, remove, insert, keepLength } of mutations) {
        const before = bytes.length;
        bytes = Buffer.concat([bytes.subarray(0, at), insert, bytes.subarray(at + remove)]);
        // Half of the mutations keep the announced length right, so that they reach the JSON and the layout.
        if (keepLength && bytes.length >= 8)
          bytes.writeBigUInt64LE(BigInt(Math.max(0, json.length + bytes.length - before)), 0);
      }
      seen.add(codeOf(() => parse(bytes)));
    }),
    { numRuns: 4000 },
  );
  // The mutations reached every stage of the reader.
  expect(seen.size).toBeGreaterThanOrEqual(4);
});

describe('a file on disk', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ostinato-safetensors-'));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  test('is read back as it was written, aligned, and always with the same bytes', async () => {
    const floats = new Uint8Array(new Float32Array([0.5, -1]).buffer);
    const half = new Uint8Array([1, 2]);
    const tensors = [
      { name: 'small', dtype: 'BF16', shape: [1], data: half },
      { name: 'z', dtype: 'F32', shape: [2], data: floats },
      {
        name: 'a',
        dtype: 'F32',
        shape: [1, 2],
        async *data() {
          yield floats.subarray(0, 3);
          yield floats.subarray(3);
        },
      },
    ] as const;
    const path = join(folder, 'a.safetensors');
    const { bytes } = await writeSafetensors(path, tensors, { format: 'pt' });
    const header = await readSafetensorsHeader(path);
    expect([...header.tensors.keys()]).toEqual(['a', 'z', 'small']);
    expect(header.metadata.get('format')).toBe('pt');
    const content = await readFile(path);
    expect(content.length).toBe(bytes);
    const entry = header.tensors.get('z');
    expect(content.subarray(entry?.begin, entry?.end)).toEqual(Buffer.from(floats));
    await writeSafetensors(join(folder, 'b.safetensors'), tensors.toReversed(), { format: 'pt' });
    expect(await readFile(join(folder, 'b.safetensors'))).toEqual(content);
  });

  test('is not touched by a write that fails', async () => {
    const path = join(folder, 'kept.safetensors');
    await writeSafetensors(path, []);
    const before = await readFile(path);
    const short = { name: 'a', dtype: 'F32', shape: [2], data: new Uint8Array(7) } as const;
    await expect(writeSafetensors(path, [short])).rejects.toMatchObject({ code: 'OST_SAFETENSORS_TENSOR' });
    await expect(writeSafetensors(path, [short, short])).rejects.toMatchObject({ code: 'OST_SAFETENSORS_TENSOR' });
    expect(await readFile(path)).toEqual(before);
  });
});
