import { API_VERSIONS } from '../declaration/apis/versions.ts';
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

export const METADATA_VERSIONS = [14, 15, 16] as const;
export type MetadataVersion = (typeof METADATA_VERSIONS)[number];

const MAGIC = new TextEncoder().encode('meta');
const EXTRINSIC_VERSION = 4;
const HASHERS: Readonly<Record<Hasher, number>> = { Blake2_128Concat: 2, Twox64Concat: 5, Identity: 6 };

/**
 * The runtime's metadata, encoded from its declaration. Version 14 has no runtime APIs; 16 says of each thing besides
 * whether it is deprecated, and nothing is.
 */
export function encodeMetadata(runtime: RuntimeDeclaration, version: MetadataVersion): Uint8Array {
  const types = new TypeTable();
  const body = new Writer();
  const reference = (type: TypeNode) => body.compact(BigInt(types.id(type)));

  writeList(body, runtime.pallets, (pallet) => writePallet(body, types, pallet, version));
  writeExtrinsic(body, types, runtime, version);
  // Nothing since metadata 15 names the extrinsic's type, but runtime APIs refer to it.
  types.id(runtime.extrinsic.type);

  if (version > 14) {
    writeApis(body, types, runtime, version);
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

function writeExtrinsic(out: Writer, types: TypeTable, runtime: RuntimeDeclaration, version: MetadataVersion): void {
  const reference = (type: TypeNode) => out.compact(BigInt(types.id(type)));
  const parts = [MultiAddress.type, runtime.call.type, MultiSignature.type];
  if (version === 16) {
    writeList(out, [EXTRINSIC_VERSION], (each) => out.byte(each));
    parts.forEach(reference);
    writeList(out, [EXTRINSIC_VERSION], (each) => {
      out.byte(each);
      writeList(out, [...signedExtensions.keys()], (index) => out.compact(BigInt(index)));
    });
  } else if (version === 15) {
    out.byte(EXTRINSIC_VERSION);
    for (const type of [...parts, signedExtra]) reference(type);
  } else {
    reference(runtime.extrinsic.type);
    out.byte(EXTRINSIC_VERSION);
  }
  writeList(out, signedExtensions, ({ identifier, extra, additional }) => {
    str.encode(identifier, out);
    reference(extra);
    reference(additional);
  });
  if (version < 16)
    reference({ kind: 'composite', path: ['node_subtensor_runtime', 'Runtime'], params: [], fields: [] });
}

/** Version 16 ends each item with whether it is deprecated; calls, events and errors have a list for their variants. */
function notDeprecated(out: Writer, version: MetadataVersion): void {
  if (version === 16) out.byte(0);
}

function writeApis(out: Writer, types: TypeTable, runtime: RuntimeDeclaration, version: MetadataVersion): void {
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
        notDeprecated(out, version);
      },
    );
    noDocs(out);
    if (version === 16) out.compact(BigInt(API_VERSIONS[api]));
    notDeprecated(out, version);
  });
}

function writePallet(out: Writer, types: TypeTable, pallet: PalletDeclaration, version: MetadataVersion): void {
  const optional = (type: TypeNode | null) => {
    out.byte(type === null ? 0 : 1);
    if (type === null) return;
    out.compact(BigInt(types.id(type)));
    notDeprecated(out, version);
  };
  str.encode(pallet.name, out);
  out.byte(pallet.storage.length > 0 ? 1 : 0);
  if (pallet.storage.length > 0) {
    str.encode(pallet.name, out);
    writeList(out, pallet.storage, (entry) => writeEntry(out, types, entry, version));
  }
  optional(palletNode(pallet, 'Call'));
  optional(palletNode(pallet, 'Event'));
  writeList(out, pallet.constants, ({ name, codec, value }) => {
    str.encode(name, out);
    out.compact(BigInt(types.id(codec.type)));
    bytes.encode(value, out);
    noDocs(out);
    notDeprecated(out, version);
  });
  optional(palletNode(pallet, 'Error'));
  if (version === 16) {
    out.compact(0n); // associated types
    out.compact(0n); // view functions
  }
  out.byte(pallet.index);
  if (version > 14) noDocs(out);
  notDeprecated(out, version);
}

function writeEntry(out: Writer, types: TypeTable, entry: Entry, version: MetadataVersion): void {
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
  notDeprecated(out, version);
}
