import { createCipheriv, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Keyring } from '@polkadot/keyring';
import { hexToU8a, u8aToHex } from '@polkadot/util';
import { cryptoWaitReady, mnemonicGenerate, mnemonicToMiniSecret, sr25519PairFromSeed } from '@polkadot/util-crypto';
import { type Hotkey, hotkey } from '../../domain/units.ts';
import type { Secret } from './secret-search.ts';
import type { StackWallet } from './stack.ts';

export interface FreshWallet {
  readonly hotkey: Hotkey;
  /** What nobody but a signing worker may know. */
  readonly secrets: readonly Secret[];
  /** As a stack takes it. */
  readonly wallet: StackWallet;
}

/**
 * As btcli encrypted key files until 2023; test/fixtures/wallets proves that those are read. Today's form takes six
 * seconds of a core each time, which would be for nothing: who has the keys does not depend on it.
 */
function encrypt(text: string, password: string): Buffer {
  const salt = randomBytes(32);
  const keys = pbkdf2Sync(password, salt, 10_000, 80, 'sha256');
  const cipher = createCipheriv('aes-256-ctr', keys.subarray(0, 32), keys.subarray(64, 80));
  const padding = 16 - (Buffer.byteLength(text) % 16);
  const padded = Buffer.concat([Buffer.from(text), Buffer.alloc(padding, padding)]);
  const sealed = Buffer.concat([cipher.update(padded), cipher.final()]);
  const mac = createHmac('sha256', keys.subarray(32, 64)).update(sealed).digest();
  const parts = [salt, mac, sealed].map((part) => part.toString('hex'));
  const lines =
    Buffer.from(parts.join('\n'))
      .toString('hex')
      .match(/.{1,80}/g) ?? [];
  return Buffer.from(`${['$ANSIBLE_VAULT;1.1;AES256', ...lines].join('\n')}\n`);
}

/** Makes a hotkey that never was before, in an encrypted file with a password of its own. */
export async function freshWallet(folder: string, name: string, how: 'file' | 'environment'): Promise<FreshWallet> {
  await cryptoWaitReady();
  const mnemonic = mnemonicGenerate();
  const password = `Pw-${randomBytes(15).toString('base64url')}`;
  const seed = mnemonicToMiniSecret(mnemonic);
  const { secretKey, publicKey } = sr25519PairFromSeed(seed);
  const { address } = new Keyring({ type: 'sr25519', ss58Format: 42 }).addFromSeed(seed);
  const fields = {
    accountId: u8aToHex(publicKey),
    publicKey: u8aToHex(publicKey),
    secretPhrase: mnemonic,
    secretSeed: u8aToHex(seed),
    ss58Address: address,
  };
  mkdirSync(join(folder, name, 'hotkeys'), { recursive: true });
  writeFileSync(join(folder, name, 'hotkeys', 'main'), encrypt(JSON.stringify(fields), password), { mode: 0o600 });
  const passwordFile = join(folder, `${name}.password`);
  if (how === 'file') writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  return {
    hotkey: hotkey(address),
    secrets: [
      { name: `seed of ${name}`, bytes: hexToU8a(fields.secretSeed) },
      // The scalar and the nonce; the scalar is the private key.
      { name: `private key of ${name}`, bytes: secretKey.slice(0, 32) },
      { name: `nonce key of ${name}`, bytes: secretKey.slice(32) },
      { name: `mnemonic of ${name}`, bytes: Buffer.from(mnemonic) },
      { name: `password of ${name}`, bytes: Buffer.from(password) },
    ],
    wallet: {
      hotkey: hotkey(address),
      values: {
        'wallet.path': folder,
        'wallet.name': name,
        'wallet.hotkey': 'main',
        ...(how === 'file' ? { 'wallet.password_file': passwordFile } : {}),
      },
      ...(how === 'environment' ? { environment: { OSTINATO_WALLET_PASSWORD: password } } : {}),
    },
  };
}
