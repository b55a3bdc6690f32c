import { signedExtensions, signedExtra } from '../declaration/extensions.ts';
import { palletNode } from '../declaration/outer.ts';
import type { PalletDeclaration } from '../declaration/pallet.ts';
import type { RuntimeDeclaration } from '../declaration/runtime.ts';
import type { Entry, Hasher } from '../declaration/storage.ts';
import { Writer } from '../scale/bytes.ts';
import type { TypeNode } from '../scale/codec.ts';
import { bytes, tuple } from '../scale/composite.ts';
import { MultiAddress, MultiSignature } from '../scale/known.ts';
import { str } from '../scale/primitive.ts';
import { noDocs, TypeTable, writeList } from './registry.ts';

export const METADATA_VERSIONS = [14, 15] as const;
export type MetadataVersion = (typeof METADATA_VERSIONS)[number];

const MAGIC = new TextEncoder().encode('meta');
const EXTRINSIC_VERSION = 4;
const HASHERS: Readonly<Record<Hasher, number>> = { Blake2_128Concat: 2, Twox64Concat: 5, Identity: 6 };

/** The runtime's metadata, encoded from its declaration. Version 15 has the runtime APIs, 14 has not. */
export function encodeMetadata(runtime: RuntimeDeclaration, version: MetadataVersion): Uint8Array {
  const types = new TypeTable();
  const body = new Writer();
  const reference = (type: TypeNode) => body.compact(BigInt(types.id(type)));

  writeList(body, runtime.pallets, (pallet) => writePallet(body, types, pallet, version));

  if (version === 14) {
    reference(runtime.extrinsic.type);
    body.byte(EXTRINSIC_VERSION);
  } else {
    body.byte(EXTRINSIC_VERSION);
    for (const type of [MultiAddress.type, runtime.call.type, MultiSignature.type, signedExtra]) reference(type);
  }
  writeList(body, signedExtensions, ({ identifier, extra, additional }) => {
    str.encode(identifier, body);
    reference(extra);
    reference(additional);
  });
  reference({ kind: 'composite', path: ['node_subtensor_runtime', 'Runtime'], params: [], fields: [] });
  // Nothing in metadata 15 names the extrinsic's type, but runtime APIs refer to it.
  types.id(runtime.extrinsic.type);

  if (version === 15) {
    writeApis(body, types, runtime);
    for (const type of [runtime.call.type, runtime.event, runtime.error]) reference(type);
    noDocs(body); // no custom entries
  }

  const out = new Writer();
  out.raw(MAGIC);
  out.byte(version);
  types.write(out);
  out.raw(body.finish());
  return out.finish();
}

function writeApis(out: Writer, types: TypeTable, runtime: RuntimeDeclaration): void {
  const methods = Object.values(runtime.methods);
  const names = [...new Set(methods.map(({ api }) => api))];
  writeList(out, names, (api) => {
    str.encode(api, out);
    writeList(
      out,
      methods.filter((method) => method.api === api),
      (method) => {
        str.encode(method.name, out);
        writeList(out, Object.entries(method.inputs), ([name, codec]) => {
          str.encode(name, out);
          out.compact(BigInt(types.id(codec.type)));
        });
        out.compact(BigInt(types.id(method.output.type)));
        noDocs(out);
      },
    );
    noDocs(out);
  });
}

function writePallet(out: Writer, types: TypeTable, pallet: PalletDeclaration, version: MetadataVersion): void {
  const optional = (type: TypeNode | null) => {
    out.byte(type === null ? 0 : 1);
    if (type !== null) out.compact(BigInt(types.id(type)));
  };
  str.encode(pallet.name, out);
  out.byte(pallet.storage.length > 0 ? 1 : 0);
  if (pallet.storage.length > 0) {
    str.encode(pallet.name, out);
    writeList(out, pallet.storage, (entry) => writeEntry(out, types, entry));
  }
  optional(palletNode(pallet, 'Call'));
  optional(palletNode(pallet, 'Event'));
  writeList(out, pallet.constants, ({ name, codec, value }) => {
    str.encode(name, out);
    out.compact(BigInt(types.id(codec.type)));
    bytes.encode(value, out);
    noDocs(out);
  });
  optional(palletNode(pallet, 'Error'));
  out.byte(pallet.index);
  if (version === 15) noDocs(out);
}

function writeEntry(out: Writer, types: TypeTable, entry: Entry): void {
  str.encode(entry.name, out);
  out.byte(entry.modifier === 'Optional' ? 0 : 1);
  const [first, ...rest] = entry.keys;
  if (first === undefined) out.byte(0);
  else {
    out.byte(1);
    writeList(out, entry.keys, ({ hasher }) => out.byte(HASHERS[hasher]));
    const key = rest.length === 0 ? first.codec : tuple(...entry.keys.map(({ codec }) => codec));
    out.compact(BigInt(types.id(key.type)));
  }
  out.compact(BigInt(types.id(entry.value.type)));
  bytes.encode(entry.fallback, out);
  noDocs(out);
}
