import { hexToU8a, u8aToHex } from '@polkadot/util';
import { blake2AsU8a, ed25519Verify } from '@polkadot/util-crypto';
import { sr25519Verify } from '@polkadot/wasm-crypto';
import type { Hex } from '../../../domain/units.ts';
import type { CallDeclaration } from '../declaration/pallet.ts';
import { SPEC_VERSION, TRANSACTION_VERSION } from '../declaration/version.ts';
import { Reader, ScaleError, Writer } from '../scale/bytes.ts';
import { type Codec, encode, type ValueOf } from '../scale/codec.ts';
import { bytes, type Fields, type StructValue, struct } from '../scale/composite.ts';
import { H256, MultiAddress, MultiSignature } from '../scale/known.ts';

const SIGNED_V4 = 0x84;
const BARE_V4 = 0x04;
const IMMORTAL = 0;
/** Longer payloads are signed by their hash. */
const MAX_PLAIN_PAYLOAD_BYTES = 256;

/** How long a transaction is valid: for ever, or `period` blocks from one whose number is `phase` modulo `period`. */
export type Era = { readonly period: number; readonly phase: number } | null;

export interface SignedPart {
  readonly who: Hex;
  readonly signature: ValueOf<typeof MultiSignature>;
  readonly era: Era;
  readonly nonce: number;
  readonly tip: bigint;
  /** Whether the signer also signed a hash of the metadata, which we cannot check. */
  readonly metadataHash: boolean;
  /** The bytes between signature and call, which are signed as they stand. */
  readonly extra: Uint8Array;
}

export interface Extrinsic {
  /** With the length in front, as it goes over the wire. */
  readonly encoded: Uint8Array;
  readonly hash: Hex;
  readonly signed: SignedPart | null;
  readonly call: Uint8Array;
}

export const hashOf = (data: Uint8Array): Hex => u8aToHex(blake2AsU8a(data, 256));

/** Takes an extrinsic apart; throws ScaleError where its bytes make no sense. */
export function decodeExtrinsic(encoded: Uint8Array, callCodec: Codec<Uint8Array>): Extrinsic {
  const input = new Reader(bytesWithin(encoded));
  const version = input.byte();
  if (version !== SIGNED_V4 && version !== BARE_V4) throw new ScaleError(`Invalid extrinsic version ${version}`);
  const signed = version === SIGNED_V4 ? signedPart(input) : null;
  const call = callCodec.decode(input);
  if (input.remaining > 0) throw new ScaleError('Input buffer has still data left after decoding');
  return { encoded, hash: hashOf(encoded), signed, call };
}

function bytesWithin(encoded: Uint8Array): Uint8Array {
  const outer = new Reader(encoded);
  const inner = bytes.decode(outer);
  if (outer.remaining > 0) throw new ScaleError('Input buffer has still data left after decoding');
  return inner;
}

function signedPart(input: Reader): SignedPart {
  const address = MultiAddress.decode(input);
  if (address.kind !== 'Id') throw new ScaleError('Only account ids are accounts here');
  const signature = MultiSignature.decode(input);
  const start = input.position;
  const era = decodeEra(input);
  const nonce = Number(input.compact());
  const tip = input.compact();
  const mode = input.byte();
  if (mode > 1) throw new ScaleError('Invalid metadata hash mode');
  const extra = input.bytes.slice(start, input.position);
  return { who: address.value[0], signature, era, nonce, tip, metadataHash: mode === 1, extra };
}

function decodeEra(input: Reader): Era {
  const first = input.byte();
  if (first === IMMORTAL) return null;
  const encodedEra = first | (input.byte() << 8);
  const period = 2 << (encodedEra & 0xf);
  const phase = (encodedEra >> 4) * Math.max(period >> 12, 1);
  if (period < 4 || phase >= period) throw new ScaleError('Invalid period and phase');
  return { period, phase };
}

/** The block whose hash a mortal transaction is signed with, seen from `current`; it moves on when the era is over. */
export const eraBirth = ({ period, phase }: NonNullable<Era>, current: number): number =>
  Math.floor((Math.max(current, phase) - phase) / period) * period + phase;

/** Whether the signature covers exactly this call and these extras on this chain. */
export function signatureHolds(extrinsic: Extrinsic, part: SignedPart, genesisHash: Hex, birthHash: Hex): boolean {
  const out = new Writer();
  out.raw(extrinsic.call);
  out.raw(part.extra);
  out.integer(BigInt(SPEC_VERSION), 4);
  out.integer(BigInt(TRANSACTION_VERSION), 4);
  out.raw(encode(H256, genesisHash));
  out.raw(encode(H256, birthHash));
  out.byte(0);
  const payload = out.finish();
  const message = payload.length > MAX_PLAIN_PAYLOAD_BYTES ? blake2AsU8a(payload, 256) : payload;
  const signature = part.signature.value[0];
  try {
    switch (part.signature.kind) {
      case 'Sr25519':
        // By the WASM itself: what `util-crypto` exports under this name is JavaScript, and takes eight times as long.
        return sr25519Verify(signature, message, hexToU8a(part.who));
      case 'Ed25519':
        return ed25519Verify(message, signature, part.who);
      case 'Ecdsa':
        return false;
    }
  } catch {
    return false; // not a public key or not a signature at all
  }
}

/** An unsigned extrinsic, as a block's author puts them in; the pool never takes one. */
export function bareExtrinsic<F extends Fields>(call: CallDeclaration<F>, args: StructValue<F>): Uint8Array {
  const body = new Writer();
  body.byte(BARE_V4);
  body.byte(call.palletIndex);
  body.byte(call.index);
  struct(call.name, call.args).encode(args, body);
  return encode(bytes, body.finish());
}
