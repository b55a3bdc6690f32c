import { Reader, ScaleError, Writer } from './bytes.ts';

/** How a type describes itself in metadata. Structs and enums are known by their path. */
export type TypeNode =
  | { readonly kind: 'primitive'; readonly name: PrimitiveName }
  | { readonly kind: 'compact'; readonly of: TypeNode }
  | { readonly kind: 'sequence'; readonly of: TypeNode }
  | { readonly kind: 'array'; readonly of: TypeNode; readonly length: number }
  | { readonly kind: 'tuple'; readonly of: readonly TypeNode[] }
  | CompositeNode
  | VariantNode;

export interface CompositeNode {
  readonly kind: 'composite';
  readonly path: readonly string[];
  readonly params: readonly TypeParam[];
  readonly fields: readonly TypeField[];
}

export interface VariantNode {
  readonly kind: 'variant';
  readonly path: readonly string[];
  readonly params: readonly TypeParam[];
  readonly variants: readonly {
    readonly name: string;
    readonly index: number;
    readonly fields: readonly TypeField[];
    /** What clients show where this variant is an error. */
    readonly docs?: string;
  }[];
}

export interface TypeParam {
  readonly name: string;
  readonly type: TypeNode | null;
}

export interface TypeField {
  readonly name: string | null;
  readonly type: TypeNode;
}

export type PrimitiveName = 'bool' | 'str' | 'u8' | 'u16' | 'u32' | 'u64' | 'u128' | 'i16' | 'i64' | 'i128';

/** Encodes, decodes and describes one type: the declaration's smallest unit. */
export interface Codec<T> {
  readonly type: TypeNode;
  encode(value: T, out: Writer): void;
  decode(input: Reader): T;
}

export type ValueOf<C> = C extends Codec<infer T> ? T : never;

export function encode<T>(codec: Codec<T>, value: T): Uint8Array {
  const out = new Writer();
  codec.encode(value, out);
  return out.finish();
}

/** Decodes the whole of `bytes`; bytes left over are an error. */
export function decode<T>(codec: Codec<T>, bytes: Uint8Array): T {
  const input = new Reader(bytes);
  const value = codec.decode(input);
  if (input.remaining > 0) throw new ScaleError('Input buffer has still data left after decoding');
  return value;
}

/** A type's name as Rust writes it, without module paths: `Vec<(u16,AccountId32)>`. Unique parts come from paths. */
export function typeName(node: TypeNode, full = false): string {
  switch (node.kind) {
    case 'primitive':
      return node.name;
    case 'compact':
      return `Compact<${typeName(node.of, full)}>`;
    case 'sequence':
      return `Vec<${typeName(node.of, full)}>`;
    case 'array':
      return `[${typeName(node.of, full)};${node.length}]`;
    case 'tuple':
      return `(${node.of.map((part) => typeName(part, full)).join(',')})`;
    default: {
      const name = full ? node.path.join('::') : (node.path.at(-1) ?? '');
      const params = node.params.flatMap((param) => (param.type === null ? [] : [typeName(param.type, full)]));
      return params.length === 0 ? name : `${name}<${params.join(',')}>`;
    }
  }
}
