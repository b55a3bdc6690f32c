import type { Codec } from '@polkadot/types/types';
import { hexToU8a, u8aToHex } from '@polkadot/util';
import { encodeAddress } from '@polkadot/util-crypto';
import type { ChainCommitment } from '../../domain/chain.ts';
import { type Hex, type Hotkey, hotkey } from '../../domain/units.ts';
import { blockOf, field, listOf, variantOf } from './decode.ts';

/** Prefix of Subtensor's addresses. */
export const ss58Prefix = 42;

export const addressOf = (publicKey: Uint8Array): Hotkey => hotkey(encodeAddress(publicKey, ss58Prefix));

/** The owner of a `CommitmentOf` entry: its key ends with the account. */
export const ownerOf = (key: Hex): Hotkey => addressOf(hexToU8a(key).slice(-32));

/**
 * One entry of `CommitmentOf`. Only the first field counts, as in the original; it is text if it is plain bytes
 * (`Raw…` or `BigRaw`) that are valid UTF-8.
 */
export function commitmentOf(owner: Hotkey, value: Codec): ChainCommitment {
  const block = blockOf(field(value, 'block'), 'block');
  const first = listOf(field(field(value, 'info'), 'fields'), 'fields')[0];
  if (first === undefined) return { hotkey: owner, block, text: null, bytesHex: '0x' };
  const { type, inner } = variantOf(first, 'commitment field');
  const bytes = inner.toU8a(true);
  // A bounded list keeps its length prefix even when asked for its bare bytes.
  const plain = type === 'BigRaw' ? inner.toU8a(true) : bytes;
  return { hotkey: owner, block, text: /^(Raw\d+|BigRaw)$/.test(type) ? utf8(plain) : null, bytesHex: u8aToHex(plain) };
}

function utf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}
