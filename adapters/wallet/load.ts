import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fail } from '../../domain/errors/error.ts';
import type { Hotkey } from '../../domain/units.ts';
import { type Signer, signerFromSecret } from './signer.ts';

/** Where a hotkey's secret comes from. */
export type KeySource =
  /** `<folder>/<wallet>/hotkeys/<hotkey>` as btcli writes it; `folder` is `~/.bittensor/wallets` where left out. */
  | { readonly kind: 'wallet'; readonly folder?: string; readonly wallet: string; readonly hotkey: string }
  /** A file that holds a mnemonic and nothing else. */
  | { readonly kind: 'mnemonic'; readonly file: string }
  /** A development URI such as `//Alice`. */
  | { readonly kind: 'uri'; readonly uri: string };

/**
 * Loads a key. Rejects with OST_WALLET_NOT_FOUND, OST_WALLET_ENCRYPTED or OST_WALLET_INVALID; with
 * OST_WALLET_WRONG_HOTKEY where it is not `expected`. Only the signing worker calls it.
 */
export async function loadSigner(source: KeySource, expected?: Hotkey): Promise<Signer> {
  const signer = await read(source);
  if (expected !== undefined && signer.hotkey !== expected) {
    throw fail('OST_WALLET_WRONG_HOTKEY', { held: signer.hotkey, asked: expected });
  }
  return signer;
}

async function read(source: KeySource): Promise<Signer> {
  switch (source.kind) {
    case 'uri':
      return signerFromSecret(source.uri, 'the development URI');
    case 'mnemonic':
      return signerFromSecret((await text(source.file)).trim(), source.file);
    case 'wallet': {
      const folder = source.folder ?? '~/.bittensor/wallets';
      const root = folder.startsWith('~/') ? join(homedir(), folder.slice(2)) : folder;
      return readHotkeyFile(join(root, source.wallet, 'hotkeys', source.hotkey));
    }
  }
}

/** What encrypted key files of the SDK and of its predecessors begin with. */
const encryptedHeads = ['$NACL', '$ANSIBLE_VAULT', 'gAAAA'];

/**
 * A plain hotkey file: JSON whose `secretSeed` or `secretPhrase` is the secret and whose `ss58Address` says which key
 * it must give.
 */
export async function readHotkeyFile(file: string): Promise<Signer> {
  const content = await text(file);
  if (encryptedHeads.some((head) => content.startsWith(head))) throw fail('OST_WALLET_ENCRYPTED', { file });
  const fields = parse(content);
  if (fields === null) throw fail('OST_WALLET_INVALID', { source: file, reason: 'it is no JSON object' });
  const secret = fields['secretSeed'] ?? fields['secretPhrase'];
  if (typeof secret !== 'string' || secret === '') {
    throw fail('OST_WALLET_INVALID', { source: file, reason: 'it has neither secretSeed nor secretPhrase' });
  }
  const signer = await signerFromSecret(secret, file);
  const address = fields['ss58Address'];
  if (typeof address === 'string' && address !== signer.hotkey) {
    throw fail('OST_WALLET_INVALID', { source: file, reason: 'its secret does not belong to its ss58Address' });
  }
  return signer;
}

async function text(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw fail('OST_WALLET_NOT_FOUND', { file }, { cause: error });
  }
}

function parse(content: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(content);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
    return Object.fromEntries(Object.entries(value));
  } catch {
    return null;
  }
}
