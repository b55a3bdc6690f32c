import { expandMetadata, Metadata, type Option, TypeRegistry, type u32, type Vec } from '@polkadot/types';
import type { OpaqueMetadata } from '@polkadot/types/interfaces';
import type { DecoratedMeta } from '@polkadot/types/metadata/decorate/types';
import type { Codec } from '@polkadot/types/types';
import { hexToU8a, stringCamelCase } from '@polkadot/util';
import { fail, isOstinatoError } from '../../domain/errors/error.ts';
import type { Hex } from '../../domain/units.ts';
import type { Send } from './connection.ts';
import { hexOf, record } from './json.ts';

/** What one runtime version says about itself; everything is decoded and encoded by it. */
export interface Runtime {
  readonly registry: TypeRegistry;
  readonly specName: string;
  readonly specVersion: number;
  readonly transactionVersion: number;
  readonly meta: DecoratedMeta;
  /**
   * Runtime methods by `Api_method`, each with the types to encode its inputs and to decode its output. An output of
   * plain bytes is called `Bytes`: see runtime-call.ts.
   */
  readonly methods: ReadonlyMap<string, { readonly inputs: readonly string[]; readonly output: string }>;
}

/** 16 and 15 describe runtime methods; 14 is what every chain since 2022 has. */
const metadataVersions = [16, 15, 14];

/** Reads version and metadata; three or four requests. */
export async function loadRuntime(send: Send): Promise<Runtime> {
  const version = record(await send('state_getRuntimeVersion', []), 'state_getRuntimeVersion');
  const registry = new TypeRegistry();
  const metadata = new Metadata(registry, await metadataBytes(send, registry));
  // Unknown signed extensions carry no bytes on this chain; the warning about them would spoil parsed output.
  registry.setMetadata(metadata, undefined, undefined, true);
  const meta = expandMetadata(registry, metadata);
  const methods = new Map<string, { inputs: string[]; output: string }>();
  for (const api of metadata.asLatest.apis) {
    for (const method of api.methods) {
      methods.set(`${api.name.toString()}_${method.name.toString()}`, {
        inputs: method.inputs.map((input) => registry.createLookupType(input.type)),
        output:
          registry.lookup.getTypeDef(method.output).type === 'Bytes'
            ? 'Bytes'
            : registry.createLookupType(method.output),
      });
    }
  }
  return {
    registry,
    specName: String(version['specName']),
    specVersion: Number(version['specVersion']),
    transactionVersion: Number(version['transactionVersion']),
    meta,
    methods,
  };
}

async function metadataBytes(send: Send, registry: TypeRegistry): Promise<Hex> {
  try {
    const listed = hexOf(await send('state_call', ['Metadata_metadata_versions', '0x']), 'metadata versions');
    const versions = registry.createType<Vec<u32>>('Vec<u32>', hexToU8a(listed)).map((entry) => entry.toNumber());
    const best = metadataVersions.find((version) => versions.includes(version));
    if (best !== undefined && best > 14) {
      const wanted = registry.createType('u32', best).toHex(true);
      // Bytes, not hex: an option takes hex for its inside.
      const answer = hexOf(await send('state_call', ['Metadata_metadata_at_version', wanted]), 'metadata');
      const opaque = registry.createType<Option<OpaqueMetadata>>('Option<OpaqueMetadata>', hexToU8a(answer));
      if (opaque.isSome) return opaque.unwrap().toHex();
    }
  } catch (error) {
    // A node without these runtime methods answers an error; a lost connection shows again below.
    if (isOstinatoError(error)) throw error;
  }
  return hexOf(await send('state_getMetadata', []), 'state_getMetadata');
}

/** The storage entry `pallet.item`, by the names of the metadata. */
export function storageEntry(runtime: Runtime, pallet: string, item: string) {
  const entry = runtime.meta.query[stringCamelCase(pallet)]?.[stringCamelCase(item)];
  if (entry === undefined) throw fail('OST_CHAIN_UNSUPPORTED', { what: `storage ${pallet}.${item}` });
  return entry;
}

/** The call `pallet.name`, by the names of the metadata. */
export function callFunction(runtime: Runtime, pallet: string, name: string) {
  const call = runtime.meta.tx[stringCamelCase(pallet)]?.[stringCamelCase(name)];
  if (call === undefined) throw fail('OST_CHAIN_UNSUPPORTED', { what: `call ${pallet}.${name}` });
  return call;
}

/** A constant, or null where this runtime has none of that name. */
export function constant(runtime: Runtime, pallet: string, name: string): Codec | null {
  return runtime.meta.consts[stringCamelCase(pallet)]?.[stringCamelCase(name)] ?? null;
}
