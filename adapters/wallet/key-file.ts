import { u8aToHex } from '@polkadot/util';
import { fail } from '../../domain/errors/error.ts';
import { type Signer, signerFromPrivateKey, signerFromSecret } from './signer.ts';

type Fields = Readonly<Record<string, unknown>>;

const sr25519 = 1;

/**
 * The key of a plain hotkey file: JSON with `secretSeed`, `secretPhrase` or `privateKey`, and the address that it must
 * give in `ss58Address`. The SDK wrote some fields as null, and some seeds in a form that is none; the first secret
 * that gives the address counts. Raises OST_WALLET_INVALID.
 */
export async function signerOfKeyFile(content: Uint8Array, file: string): Promise<Signer> {
  const refuse = (reason: string) => fail('OST_WALLET_INVALID', { source: file, reason });
  const fields = parse(Buffer.from(content).toString('utf8'));
  if (fields === null) throw refuse('it is no JSON object');
  if (typeof fields['cryptoType'] === 'number' && fields['cryptoType'] !== sr25519) {
    throw refuse('it is no sr25519 key');
  }
  const attempts = attemptsOf(fields, file);
  if (attempts.length === 0) throw refuse('it has neither secretSeed nor secretPhrase nor privateKey');
  const address = fields['ss58Address'];
  let problem: unknown = refuse('its secret does not belong to its ss58Address');
  for (const attempt of attempts) {
    try {
      const signer = await attempt();
      if (typeof address !== 'string' || address === signer.hotkey) return signer;
    } catch (error) {
      if (attempts.length === 1) problem = error;
    }
  }
  throw problem;
}

function attemptsOf(fields: Fields, file: string): readonly (() => Promise<Signer>)[] {
  const text = (name: string): string | null => {
    const value = fields[name];
    return typeof value === 'string' && value !== '' ? value : null;
  };
  const seed = text('secretSeed');
  const phrase = text('secretPhrase');
  const key = text('privateKey');
  const seedText = Buffer.from(seed?.slice(2) ?? '', 'utf8');
  return [
    ...(seed === null ? [] : [() => signerFromSecret(seed, file)]),
    // A seed of bytes that happen to be text was written as that text.
    ...(seedText.length === 32 ? [() => signerFromSecret(u8aToHex(seedText), file)] : []),
    ...(phrase === null ? [] : [() => signerFromSecret(phrase, file)]),
    ...(key === null ? [] : [() => signerFromPrivateKey(key, text('publicKey') ?? text('accountId') ?? '', file)]),
  ];
}

function parse(content: string): Fields | null {
  try {
    const value: unknown = JSON.parse(content);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
    return Object.fromEntries(Object.entries(value));
  } catch {
    return null;
  }
}
