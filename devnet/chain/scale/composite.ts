import { ScaleError } from './bytes.ts';
import type { Codec, CompositeNode, TypeField, TypeParam, ValueOf } from './codec.ts';
import { u8 } from './primitive.ts';

/** The codecs of a struct's fields, in order. */
export type Fields = Readonly<Record<string, Codec<unknown>>>;
export type StructValue<F> = { readonly [K in keyof F]: ValueOf<F[K]> };

export interface StructCodec<F> extends Codec<StructValue<F>> {
  readonly type: CompositeNode;
}

export const fieldsOf = (fields: Fields): TypeField[] =>
  Object.entries(fields).map(([name, codec]) => ({ name, type: codec.type }));

/** A struct; `path` is its Rust path, which tells it from all others. */
export function struct<F extends Fields>(path: string, fields: F, params: readonly TypeParam[] = []): StructCodec<F> {
  const entries = Object.entries(fields);
  return {
    type: { kind: 'composite', path: path.split('::'), params, fields: fieldsOf(fields) },
    encode: (value, out) => {
      for (const [name, codec] of entries) codec.encode(value[name], out);
    },
    // The cast only names what the loop has built: one value per declared field.
    decode: (input) =>
      Object.fromEntries(entries.map(([name, codec]) => [name, codec.decode(input)])) as StructValue<F>,
  };
}

/** A struct of one unnamed field, transparent in bytes and in values. */
export function wrapper<T>(path: string, of: Codec<T>, params: readonly TypeParam[] = []): Codec<T> {
  return {
    type: { kind: 'composite', path: path.split('::'), params, fields: [{ name: null, type: of.type }] },
    encode: (value, out) => of.encode(value, out),
    decode: (input) => of.decode(input),
  };
}

export type Variants = Readonly<Record<string, readonly [index: number, fields: Fields]>>;
export type VariantValue<V extends Variants> = {
  readonly [K in keyof V]: { readonly kind: K; readonly value: StructValue<V[K][1]> };
}[keyof V];

/** An enum. A field whose name is a number is unnamed in metadata. */
export function variant<V extends Variants>(
  path: string,
  variants: V,
  params: readonly TypeParam[] = [],
): Codec<VariantValue<V>> {
  const entries = Object.entries(variants);
  return {
    type: {
      kind: 'variant',
      path: path.split('::'),
      params,
      variants: entries.map(([name, [index, fields]]) => ({
        name,
        index,
        fields: fieldsOf(fields).map((field) => ({
          ...field,
          name: /^\d+$/.test(field.name ?? '') ? null : field.name,
        })),
      })),
    },
    encode: (value, out) => {
      const found = variants[value.kind];
      if (found === undefined) throw new ScaleError(`No variant ${String(value.kind)} in ${path}`);
      out.byte(found[0]);
      const parts: Readonly<Record<string, unknown>> = value.value;
      for (const [name, codec] of Object.entries(found[1])) codec.encode(parts[name], out);
    },
    decode: (input) => {
      const index = input.byte();
      const found = entries.find(([, [candidate]]) => candidate === index);
      if (found === undefined) throw new ScaleError(`Could not decode ${path}, variant ${index} does not exist`);
      const fields = Object.entries(found[1][1]).map(([name, codec]) => [name, codec.decode(input)]);
      // As above: the loop has built exactly the fields of the variant that `kind` names.
      return { kind: found[0], value: Object.fromEntries(fields) } as VariantValue<V>;
    },
  };
}

export function vec<T>(of: Codec<T>): Codec<readonly T[]> {
  return {
    type: { kind: 'sequence', of: of.type },
    encode: (values, out) => {
      out.compact(BigInt(values.length));
      for (const value of values) of.encode(value, out);
    },
    decode: (input) => Array.from({ length: input.count() }, () => of.decode(input)),
  };
}

/** `Vec<u8>` as bytes. */
export const bytes: Codec<Uint8Array> = {
  type: { kind: 'sequence', of: u8.type },
  encode: (value, out) => {
    out.compact(BigInt(value.length));
    out.raw(value);
  },
  decode: (input) => input.raw(input.count()),
};

/** `[u8; N]`. */
export function fixedBytes(length: number): Codec<Uint8Array> {
  return {
    type: { kind: 'array', of: u8.type, length },
    encode: (value, out) => {
      if (value.length !== length) throw new ScaleError(`Expected ${length} bytes, got ${value.length}`);
      out.raw(value);
    },
    decode: (input) => input.raw(length),
  };
}

/** `[T; N]`. */
export function fixedList<T>(of: Codec<T>, length: number): Codec<readonly T[]> {
  return {
    type: { kind: 'array', of: of.type, length },
    encode: (values, out) => {
      if (values.length !== length) throw new ScaleError(`Expected ${length} items, got ${values.length}`);
      for (const value of values) of.encode(value, out);
    },
    decode: (input) => Array.from({ length }, () => of.decode(input)),
  };
}

export function option<T>(of: Codec<T>): Codec<T | null> {
  return {
    type: {
      kind: 'variant',
      path: ['Option'],
      params: [{ name: 'T', type: of.type }],
      variants: [
        { name: 'None', index: 0, fields: [] },
        { name: 'Some', index: 1, fields: [{ name: null, type: of.type }] },
      ],
    },
    encode: (value, out) => {
      out.byte(value === null ? 0 : 1);
      if (value !== null) of.encode(value, out);
    },
    decode: (input) => {
      const tag = input.byte();
      if (tag > 1) throw new ScaleError('Invalid Option representation');
      return tag === 0 ? null : of.decode(input);
    },
  };
}

type Codecs = readonly Codec<unknown>[];
type TupleValue<C extends Codecs> = { readonly [K in keyof C]: ValueOf<C[K]> };

export function tuple<const C extends Codecs>(...codecs: C): Codec<TupleValue<C>> {
  return {
    type: { kind: 'tuple', of: codecs.map((codec) => codec.type) },
    encode: (values, out) => {
      for (const [index, codec] of codecs.entries()) codec.encode(values[index], out);
    },
    // As above: one value for each codec, in order.
    decode: (input) => codecs.map((codec) => codec.decode(input)) as unknown as TupleValue<C>,
  };
}

/** A vector that the chain bounds; longer ones trap at decoding, as a node reports by 1002. */
export function boundedVec<T>(of: Codec<T>, limit: number): Codec<readonly T[]> {
  return bounded(vec(of), of, limit);
}

/** `BoundedVec<u8>` as bytes. */
export const boundedBytes = (limit: number): Codec<Uint8Array> => bounded(bytes, u8, limit);

function bounded<L extends { readonly length: number }>(of: Codec<L>, item: Codec<unknown>, limit: number): Codec<L> {
  const whole = wrapper('bounded_collections::bounded_vec::BoundedVec', of, [
    { name: 'T', type: item.type },
    { name: 'S', type: null },
  ]);
  return {
    ...whole,
    decode: (input) => {
      const value = whole.decode(input);
      if (value.length > limit) throw new ScaleError('BoundedVec exceeds its limit');
      return value;
    },
  };
}
