import { homedir } from 'node:os';
import { join } from 'node:path';
import { fail, isOstinatoError } from '../../domain/errors/error.ts';
import type { Hotkey } from '../../domain/units.ts';
import { decryptKeyFile, encryptionOf } from './decrypt.ts';
import { signerOfKeyFile } from './key-file.ts';
import { keepPassword, type PasswordSource, readPassword } from './password.ts';
import { readPrivateFile } from './private-file.ts';
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
 * Loads a key. Rejects with OST_WALLET_NOT_FOUND, _PERMISSIONS, _ENCRYPTED (and nobody knows the password), _PASSWORD,
 * _FORMAT or _INVALID; with OST_WALLET_WRONG_HOTKEY where it is not `expected`. Only the signing worker calls it.
 */
export async function loadSigner(source: KeySource, expected?: Hotkey, password: PasswordSource = {}): Promise<Signer> {
  const signer = await read(source, password);
  if (expected !== undefined && signer.hotkey !== expected) {
    throw fail('OST_WALLET_WRONG_HOTKEY', { held: signer.hotkey, asked: expected });
  }
  return signer;
}

async function read(source: KeySource, password: PasswordSource): Promise<Signer> {
  switch (source.kind) {
    case 'uri':
      return signerFromSecret(source.uri, 'the development URI');
    case 'mnemonic':
      return signerFromSecret((await readPrivateFile(source.file)).toString('utf8').trim(), source.file);
    case 'wallet': {
      const folder = source.folder ?? '~/.bittensor/wallets';
      const root = folder.startsWith('~/') ? join(homedir(), folder.slice(2)) : folder;
      return readHotkeyFile(join(root, source.wallet, 'hotkeys', source.hotkey), password);
    }
  }
}

/** How often somebody is asked for a password before a start fails. */
const attempts = 3;

/** The key of a hotkey file as any version of btcli wrote it, encrypted or not. */
export async function readHotkeyFile(file: string, source: PasswordSource = {}): Promise<Signer> {
  const content = await readPrivateFile(file);
  if (encryptionOf(content) === null) return signerOfKeyFile(content, file);
  for (let attempt = 1; ; attempt++) {
    const { password, typed } = await readPassword(source, file);
    try {
      const plain = await decryptKeyFile(content, password, file);
      if (typed) keepPassword(source, password);
      return await signerOfKeyFile(plain, file).finally(() => plain.fill(0));
    } catch (error) {
      if (!typed || attempt === attempts || !isOstinatoError(error, 'OST_WALLET_PASSWORD')) throw error;
    } finally {
      password.fill(0);
    }
  }
}
