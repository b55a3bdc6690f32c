import { fail } from '../../domain/errors/error.ts';
import type { Uid } from '../../domain/units.ts';
import type { ModelServerDeps } from './deps.ts';
import type { SignedRequest } from './signed-request.ts';

/** The signature first, for it costs no question to the chain; then whether its hotkey is registered now. */
export async function checkSigner(
  deps: Pick<ModelServerDeps, 'chain' | 'verify'>,
  request: SignedRequest,
  message: Uint8Array,
): Promise<{ readonly uid: Uid; readonly validatorPermit: boolean }> {
  const { origin, signature } = request;
  if (!isSignedBy(deps, message, signature, origin)) throw fail('OST_HTTP_SIGNATURE', { hotkey: origin });
  const registration = await deps.chain.registration(origin);
  if (registration === null) throw fail('OST_HTTP_NOT_REGISTERED', { hotkey: origin });
  return registration;
}

/** Whether a signature is right; text that is no address, and bytes that are no signature, are simply not. */
export function isSignedBy(
  { verify }: Pick<ModelServerDeps, 'verify'>,
  message: Uint8Array,
  signature: Uint8Array,
  hotkey: SignedRequest['origin'],
): boolean {
  try {
    return verify(message, signature, hotkey);
  } catch {
    return false;
  }
}
