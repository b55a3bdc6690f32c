import { Writer } from '../scale/bytes.ts';
import { type PrimitiveName, type TypeField, type TypeNode, typeName } from '../scale/codec.ts';
import { str } from '../scale/primitive.ts';

const PRIMITIVES: Readonly<Record<PrimitiveName, number>> = {
  bool: 0,
  str: 2,
  u8: 3,
  u16: 4,
  u32: 5,
  u64: 6,
  u128: 7,
  i16: 10,
  i64: 12,
  i128: 13,
};

/** Types by number, as metadata refer to them: each type once, known by its full name. */
export class TypeTable {
  readonly #ids = new Map<string, number>();
  readonly #encoded: Uint8Array[] = [];

  /** The type's number; a type that was not seen yet is taken in, with all that it refers to. */
  id(node: TypeNode): number {
    const name = typeName(node, true);
    const known = this.#ids.get(name);
    if (known !== undefined) return known;
    const id = this.#ids.size;
    this.#ids.set(name, id);
    this.#encoded[id] = this.#encode(node);
    return id;
  }

  /** `Vec<PortableType>`. */
  write(out: Writer): void {
    out.compact(BigInt(this.#encoded.length));
    this.#encoded.forEach((type, id) => {
      out.compact(BigInt(id));
      out.raw(type);
    });
  }

  #encode(node: TypeNode): Uint8Array {
    const out = new Writer();
    const reference = (type: TypeNode) => out.compact(BigInt(this.id(type)));
    const known = node.kind === 'composite' || node.kind === 'variant';
    writeList(out, known ? node.path : [], (part) => str.encode(part, out));
    writeList(out, known ? node.params : [], (param) => {
      str.encode(param.name, out);
      out.byte(param.type === null ? 0 : 1);
      if (param.type !== null) reference(param.type);
    });
    const fields = (list: readonly TypeField[]) => writeList(out, list, (field) => this.#field(out, field));
    switch (node.kind) {
      case 'composite':
        out.byte(0);
        fields(node.fields);
        break;
      case 'variant':
        out.byte(1);
        writeList(out, node.variants, ({ name, index, fields: parts, docs }) => {
          str.encode(name, out);
          fields(parts);
          out.byte(index);
          writeList(out, docs === undefined ? [] : [docs], (line) => str.encode(line, out));
        });
        break;
      case 'sequence':
        out.byte(2);
        reference(node.of);
        break;
      case 'array':
        out.byte(3);
        out.integer(BigInt(node.length), 4);
        reference(node.of);
        break;
      case 'tuple':
        out.byte(4);
        writeList(out, node.of, reference);
        break;
      case 'primitive':
        out.byte(5);
        out.byte(PRIMITIVES[node.name]);
        break;
      case 'compact':
        out.byte(6);
        reference(node.of);
        break;
    }
    noDocs(out);
    return out.finish();
  }

  #field(out: Writer, field: TypeField): void {
    writeOptionalText(out, field.name);
    out.compact(BigInt(this.id(field.type)));
    writeOptionalText(out, fieldTypeName(field.type));
    noDocs(out);
  }
}

/** Clients recognise calls inside calls by this very name. */
const fieldTypeName = (type: TypeNode) =>
  type.kind === 'variant' && type.path.at(-1) === 'RuntimeCall' ? 'Box<<T as Config>::RuntimeCall>' : typeName(type);

export const noDocs = (out: Writer) => out.compact(0n);

export function writeList<T>(out: Writer, list: readonly T[], write: (item: T) => void): void {
  out.compact(BigInt(list.length));
  for (const item of list) write(item);
}

function writeOptionalText(out: Writer, text: string | null): void {
  out.byte(text === null ? 0 : 1);
  if (text !== null) str.encode(text, out);
}
