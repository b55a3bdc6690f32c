import { fail } from '../../domain/errors/error.ts';
import { decodeSignature, encodeSignature } from '../../domain/signed-message.ts';
import { type Blocks, blocks, type Hotkey, hotkey } from '../../domain/units.ts';

/** Who asks whom, as of which block, and the proof. */
export interface SignedRequest {
  readonly target: Hotkey;
  readonly origin: Hotkey;
  readonly block: Blocks;
  readonly signature: Uint8Array;
  /** The signature in its one text form: what the replay guard remembers. */
  readonly signatureText: string;
}

/** A form's or a query's fields; a name that comes twice in a query is an array. */
export type Fields = Readonly<Record<string, unknown>>;

/** The text of a field. @throws OST_HTTP_FIELD */
export function textField(fields: Fields, field: string, pattern: RegExp, expected: string): string {
  const value = Object.hasOwn(fields, field) ? fields[field] : undefined;
  if (typeof value !== 'string' || !pattern.test(value)) throw fail('OST_HTTP_FIELD', { field, expected });
  return value;
}

export const address = /^[1-9A-HJ-NP-Za-km-z]{46,50}$/;

/** Reads the fields that every signed request carries. @throws OST_HTTP_FIELD */
export function readSignedRequest(fields: Fields): SignedRequest {
  const target = textField(fields, 'target_hotkey_ss58', address, 'an SS58 address');
  const origin = textField(fields, 'origin_hotkey_ss58', address, 'an SS58 address');
  const block = textField(fields, 'origin_block', /^(0|[1-9]\d{0,14})$/, 'a block number');
  const text = textField(fields, 'signature', /^([\w-]{86}(==)?|(0x)?[0-9a-fA-F]{128})$/, 'a signature in base64url');
  const signature = decodeSignature(text);
  if (signature === null) throw fail('OST_HTTP_FIELD', { field: 'signature', expected: 'a signature in base64url' });
  return {
    target: hotkey(target),
    origin: hotkey(origin),
    block: blocks(Number(block)),
    signature,
    signatureText: encodeSignature(signature),
  };
}

/** Reads `group`, or by its older name `expert_group_id`: a number or "shared". @throws OST_HTTP_FIELD */
export function readGroup(fields: Fields): 'shared' | number {
  const field = Object.hasOwn(fields, 'group') ? 'group' : 'expert_group_id';
  const text = textField(fields, field, /^(0|[1-9]\d{0,5}|shared)$/, 'an expert group\'s number, or "shared"');
  return text === 'shared' ? text : Number(text);
}

type Addressed = Pick<SignedRequest, 'target' | 'block'>;

/** @throws OST_HTTP_OTHER_TARGET */
export function checkTarget({ target }: Addressed, own: Hotkey): void {
  if (target !== own) throw fail('OST_HTTP_OTHER_TARGET', { target, own });
}

/** One block ahead may be a peer that sees the chain a moment earlier. @throws OST_HTTP_STALE_BLOCK */
export function checkFresh(
  { block }: Addressed,
  { head, freshnessBlocks }: { readonly head: Blocks; readonly freshnessBlocks: number },
): void {
  if (block < head - freshnessBlocks || block > head + 1) throw fail('OST_HTTP_STALE_BLOCK', { block, head });
}

/** A request is for this server and of now. */
export function checkAddressee(
  request: Addressed,
  { ownHotkey, head, freshnessBlocks }: { ownHotkey: Hotkey; head: Blocks; freshnessBlocks: number },
): void {
  checkTarget(request, ownHotkey);
  checkFresh(request, { head, freshnessBlocks });
}
