import type { GenericExtrinsic, GenericExtrinsicPayload } from '@polkadot/types';
import { u8aConcat, u8aToHex } from '@polkadot/util';
import { blake2AsU8a } from '@polkadot/util-crypto';
import type { BlockRef } from '../../domain/chain.ts';
import type { Hex } from '../../domain/units.ts';
import type { Signer } from '../wallet/signer.ts';
import { extrinsicHash } from './block.ts';
import { encodeCall, type ResolvedCall } from './calls.ts';
import type { Runtime } from './runtime.ts';

export interface SignedExtrinsic {
  readonly bytes: Hex;
  readonly hash: Hex;
}

export interface ExtrinsicEnvelope {
  readonly genesis: Hex;
  readonly nonce: number;
  /** The block from which the extrinsic is valid. */
  readonly birth: BlockRef;
  /** How many blocks it is valid for; a power of two. */
  readonly eraBlocks: number;
}

/** Payloads longer than this are signed by their hash, by the rules of Substrate. */
const longestPlainPayload = 256;
/** The tag of sr25519 in a MultiSignature. */
const sr25519Tag = new Uint8Array([1]);

/** Signs one of the writer's calls. */
export const signExtrinsic = (
  runtime: Runtime,
  signer: Signer,
  call: ResolvedCall,
  envelope: ExtrinsicEnvelope,
): SignedExtrinsic => signCall(runtime, signer, encodeCall(runtime, call), envelope);

/** Signs a call in extrinsic format 4, which every version of this chain takes. */
export function signCall(
  runtime: Runtime,
  signer: Signer,
  method: ReturnType<typeof encodeCall>,
  envelope: ExtrinsicEnvelope,
): SignedExtrinsic {
  const { registry, specVersion, transactionVersion } = runtime;
  const { genesis, nonce, birth, eraBlocks } = envelope;
  const era = registry.createType('ExtrinsicEra', { current: birth.number, period: eraBlocks });
  const options = {
    address: signer.hotkey,
    blockHash: birth.hash,
    era: era.toHex(),
    genesisHash: genesis,
    method: method.toHex(),
    nonce,
    specVersion,
    tip: 0,
    transactionVersion,
  };
  const payload = registry.createType<GenericExtrinsicPayload>('ExtrinsicPayload', options, { version: 4 });
  const message = payload.toU8a({ method: true });
  const signature = signer.sign(message.length > longestPlainPayload ? blake2AsU8a(message) : message);
  const extrinsic = registry.createType<GenericExtrinsic>('Extrinsic', method, { version: 4 });
  extrinsic.addSignature(signer.hotkey, u8aToHex(u8aConcat(sr25519Tag, signature)), payload.toHex());
  const bytes = extrinsic.toHex();
  return { bytes, hash: extrinsicHash(bytes) };
}
