import { argon2Sync, randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Keyring } from '@polkadot/keyring';
import { hexToU8a, u8aToHex } from '@polkadot/util';
import {
  cryptoWaitReady,
  mnemonicGenerate,
  mnemonicToMiniSecret,
  naclEncrypt,
  sr25519PairFromSeed,
} from '@polkadot/util-crypto';
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

const salt = Buffer.from('137183dff15a09bc9c90b5518739e9b1', 'hex');

/** As btcli encrypts key files; test/fixtures/wallets proves that those are read. */
function encrypt(text: string, password: string): Buffer {
  const parameters = { message: password, nonce: salt, parallelism: 1, tagLength: 32, memory: 512 * 1024, passes: 8 };
  const { encrypted, nonce } = naclEncrypt(Buffer.from(text), argon2Sync('argon2i', parameters));
  return Buffer.concat([Buffer.from('$NACL'), nonce, encrypted]);
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
