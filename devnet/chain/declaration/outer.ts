import { ScaleError } from '../scale/bytes.ts';
import type { Codec, CompositeNode, TypeNode, VariantNode } from '../scale/codec.ts';
import { type Fields, fieldsOf } from '../scale/composite.ts';
import { H256, Phase } from '../scale/known.ts';
import { u8 } from '../scale/primitive.ts';
import { errorText } from './error-text.ts';
import type { PalletDeclaration } from './pallet.ts';

/**
 * The types that hold all pallets: a call, an event, an error. A call can hold calls, so they resolve their pallets
 * late. Their values are SCALE bytes; the pallets' own declarations say what is in them.
 */
type Pallets = () => readonly PalletDeclaration[];
type Members = (
  pallet: PalletDeclaration,
) => readonly { readonly name: string; readonly index: number; readonly fields: Fields }[];

const callsOf: Members = (pallet) => pallet.calls.map((call) => ({ ...call, fields: call.args }));
const eventsOf: Members = (pallet) => pallet.events;
const errorsOf: Members = (pallet) => pallet.errors.map((error) => ({ ...error, fields: {} }));

const unnamed = (fields: Fields) =>
  fieldsOf(fields).map((field) => (/^\d+$/.test(field.name ?? '') ? { ...field, name: null } : field));

const crate = (pallet: PalletDeclaration) => pallet.name.replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase();

export function palletNode(pallet: PalletDeclaration, kind: 'Call' | 'Event' | 'Error'): VariantNode | null {
  const members = { Call: callsOf, Event: eventsOf, Error: errorsOf }[kind](pallet);
  if (members.length === 0) return null;
  return {
    kind: 'variant',
    path: [`pallet_${crate(pallet)}`, 'pallet', kind],
    params: [{ name: 'T', type: null }],
    variants: members.map(({ name, index, fields }) => ({
      name,
      index,
      fields: unnamed(fields),
      ...(kind === 'Error' && { docs: errorText(name) }),
    })),
  };
}

function outerNode(kind: 'Call' | 'Event' | 'Error', pallets: Pallets): VariantNode {
  return {
    kind: 'variant',
    path: ['node_subtensor_runtime', `Runtime${kind}`],
    params: [],
    get variants() {
      return pallets().flatMap((pallet) => {
        const type = palletNode(pallet, kind);
        return type === null ? [] : [{ name: pallet.name, index: pallet.index, fields: [{ name: null, type }] }];
      });
    },
  };
}

/** A call as its bytes; decoding walks through it to find where it ends. */
export function runtimeCallCodec(pallets: Pallets): Codec<Uint8Array> {
  return {
    type: outerNode('Call', pallets),
    encode: (value, out) => out.raw(value),
    decode: (input) => {
      const start = input.position;
      const [palletIndex, callIndex] = [input.byte(), input.byte()];
      const call = pallets()
        .find((pallet) => pallet.index === palletIndex)
        ?.calls.find((candidate) => candidate.index === callIndex);
      if (call === undefined) throw new ScaleError(`Could not decode RuntimeCall, no call ${palletIndex}.${callIndex}`);
      for (const codec of Object.values(call.args)) codec.decode(input);
      return input.bytes.slice(start, input.position);
    },
  };
}

export const runtimeErrorNode = (pallets: Pallets): TypeNode => outerNode('Error', pallets);
export const runtimeEventNode = (pallets: Pallets): TypeNode => outerNode('Event', pallets);

/** `Vec<EventRecord>` as its bytes. */
export function eventRecordsCodec(pallets: Pallets): Codec<Uint8Array> {
  const event = runtimeEventNode(pallets);
  const record: CompositeNode = {
    kind: 'composite',
    path: ['frame_system', 'EventRecord'],
    params: [
      { name: 'E', type: event },
      { name: 'T', type: H256.type },
    ],
    fields: [
      { name: 'phase', type: Phase.type },
      { name: 'event', type: event },
      { name: 'topics', type: { kind: 'sequence', of: H256.type } },
    ],
  };
  return {
    type: { kind: 'sequence', of: record },
    encode: (value, out) => out.raw(value),
    decode: (input) => input.raw(input.remaining),
  };
}

/** An extrinsic: opaque bytes, whose parts clients find by the type's parameters. */
export function extrinsicNode(address: TypeNode, call: TypeNode, signature: TypeNode, extra: TypeNode): CompositeNode {
  return {
    kind: 'composite',
    path: ['sp_runtime', 'generic', 'unchecked_extrinsic', 'UncheckedExtrinsic'],
    params: [
      { name: 'Address', type: address },
      { name: 'Call', type: call },
      { name: 'Signature', type: signature },
      { name: 'Extra', type: extra },
    ],
    fields: [{ name: null, type: { kind: 'sequence', of: u8.type } }],
  };
}
