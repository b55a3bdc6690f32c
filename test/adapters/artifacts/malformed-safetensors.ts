import type { Random } from '../../faults/chain/random.ts';

interface Declared {
  readonly dtype: string;
  readonly shape: readonly unknown[];
  readonly data_offsets: readonly unknown[];
  readonly [more: string]: unknown;
}

type Header = Record<string, Declared>;

const one = <T>(random: Random, choices: readonly [T, ...T[]]): T =>
  choices[random.between(0, choices.length - 1)] ?? choices[0];

/** A header of some float tensors that follow one another. */
function soundHeader(random: Random): Header {
  const header: Header = {};
  let offset = 0;
  for (let index = random.between(2, 9); index > 0; index -= 1) {
    const shape = [random.between(1, 4), random.between(1, 9)];
    const size = shape.reduce((product, extent) => product * extent, 4);
    header[`layer.${index}.weight`] = { dtype: 'F32', shape, data_offsets: [offset, offset + size] };
    offset += size;
  }
  return header;
}

const endOf = (header: Header): number =>
  Math.max(...Object.values(header).map(({ data_offsets: [, end] }) => Number(end)));

function fileOf(json: string | Uint8Array, dataBytes: number, announced?: bigint): Uint8Array {
  const text = typeof json === 'string' ? Buffer.from(json.padEnd(Math.ceil(json.length / 8) * 8)) : Buffer.from(json);
  const bytes = Buffer.alloc(8 + text.length + dataBytes);
  bytes.writeBigUInt64LE(announced ?? BigInt(text.length), 0);
  bytes.set(text, 8);
  return bytes;
}

/** A sound file with one tensor's declaration changed. */
function changed(random: Random, change: (declared: Declared, random: Random) => Partial<Declared>): Uint8Array {
  const header = soundHeader(random);
  const bytes = endOf(header);
  const [name = '', declared] = Object.entries(header)[random.between(0, Object.keys(header).length - 1)] ?? [];
  if (declared !== undefined) header[name] = { ...declared, ...change(declared, random) };
  return fileOf(JSON.stringify(header), bytes);
}

const soundFile = (random: Random): Uint8Array => {
  const header = soundHeader(random);
  return fileOf(JSON.stringify(header), endOf(header));
};

/** The sound file's JSON, changed as text. */
const withText = (random: Random, change: (json: string) => string): Uint8Array => {
  const header = soundHeader(random);
  return fileOf(change(JSON.stringify(header)), endOf(header));
};

const junk = (random: Random, bytes: number): Uint8Array =>
  Uint8Array.from({ length: bytes }, () => random.between(0, 255));

/** Families of safetensors files that must be refused, whatever the seed. */
export const malformedSafetensors: Readonly<Record<string, (random: Random) => Uint8Array>> = {
  empty: () => new Uint8Array(0),
  'a few bytes': (random) => junk(random, random.between(1, 7)),
  'a cut file': (random) => {
    const whole = soundFile(random);
    return whole.subarray(0, random.between(1, whole.length - 1));
  },
  'bytes after the tensors': (random) => Buffer.concat([soundFile(random), junk(random, random.between(1, 99))]),
  'a header beyond the file': (random) => fileOf('{}', 0, BigInt(random.between(9, 24_999_999))),
  'a header beyond the limit': (random) => fileOf('{}', 0, 25_000_001n + BigInt(random.between(0, 2 ** 30)) ** 2n),
  'a header of no length': (random) => fileOf('{}', 8, BigInt(random.between(0, 1))),
  'noise for a header': (random) => fileOf(Buffer.concat([Buffer.from('{'), junk(random, random.between(8, 999))]), 0),
  'no UTF-8': (random) => withText(random, (json) => json.replace('weight', 'w\ud800')),
  'bad JSON': (random) => withText(random, (json) => json.slice(0, random.between(1, json.length - 1))),
  'an array': (random) => withText(random, (json) => `[${json}]`),
  'a name twice': (random) => withText(random, (json) => `${json.slice(0, -1)},${json.slice(1)}`),
  'deep nesting': (random) => withText(random, (json) => json.replace('[', '['.repeat(random.between(4, 1_000_000)))),
  'very many names': (random) => {
    const unit = '"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},';
    const count = random.between(100_001, 110_000);
    return fileOf(Buffer.concat([Buffer.from('{'), Buffer.alloc(unit.length * count, unit), Buffer.from('}')]), 0);
  },
  'a name of the prototype': (random) => withText(random, (json) => json.replace(/layer\.\d+\.weight/, '__proto__')),
  'a fraction': (random) => withText(random, (json) => json.replace(/\[(\d+)/, '[$1.5')),
  'an exponent': (random) => withText(random, (json) => json.replace(/\[(\d+)/, '[$1e1')),
  'metadata of numbers': (random) => withText(random, (json) => json.replace('{', '{"__metadata__":{"a":1},')),
  'an unknown type': (random) => changed(random, () => ({ dtype: one(random, ['F31', 'f32', '', 'toString', 'C64']) })),
  'a type of another width': (random) => changed(random, () => ({ dtype: one(random, ['F64', 'F16', 'U8', 'BF16']) })),
  'a shape of another size': (random) =>
    changed(random, ({ shape }) => ({ shape: [...shape, random.between(2, 2 ** 40)] })),
  'a shape that overflows': (random) => changed(random, () => ({ shape: Array(random.between(3, 99)).fill(2 ** 31) })),
  'a shape of nothing': (random) => changed(random, () => ({ shape: [0] })),
  'a shape of text': (random) => changed(random, () => ({ shape: ['1', one(random, [null, true, {}])] })),
  'offsets beyond the file': (random) =>
    changed(random, ({ data_offsets: [begin] }) => ({ data_offsets: [begin, 2 ** random.between(20, 52)] })),
  'offsets backwards': (random) =>
    changed(random, ({ data_offsets: [begin, end] }) => ({ data_offsets: [end, begin] })),
  'offsets of another tensor': (random) =>
    changed(random, ({ data_offsets: [begin, end] }) => ({ data_offsets: [Number(begin) + 4, Number(end) + 4] })),
  'one offset': (random) => changed(random, ({ data_offsets: [begin] }) => ({ data_offsets: [begin] })),
  'another field': (random) => changed(random, () => ({ [`x${random.between(0, 99)}`]: 1 })),
};
