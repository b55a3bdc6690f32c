import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { signatureVerify } from '@polkadot/util-crypto';
import { loadSigner } from '../../../adapters/wallet/load.ts';
import { hotkey } from '../../../domain/units.ts';

const alice = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY';
const aliceSeed = '0xe5be9a5092b81bca64be81d212e7f2f9eba183bb7a90954f7b76361f6edb5c0a';
/** The public test mnemonic of Substrate's development accounts. */
const devPhrase = 'bottom drive obey lake curtain smoke basket hold race lonely fit walk';
const devAddress = '5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRzV';

let folder = '';
const hotkeyFile = async (name: string, content: string) => {
  const file = join(folder, 'mine', 'hotkeys', name);
  await writeFile(file, content, { mode: 0o600 });
  return { kind: 'wallet', folder, wallet: 'mine', hotkey: name } as const;
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ostinato-wallet-'));
  await mkdir(join(folder, 'mine', 'hotkeys'), { recursive: true });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('a key comes from', () => {
  test('a plain hotkey file with a seed', async () => {
    const source = await hotkeyFile('seed', JSON.stringify({ secretSeed: aliceSeed, ss58Address: alice }));
    expect((await loadSigner(source)).hotkey).toBe(alice);
  });

  test('a plain hotkey file with a mnemonic only', async () => {
    const source = await hotkeyFile('phrase', JSON.stringify({ secretPhrase: devPhrase, ss58Address: devAddress }));
    expect((await loadSigner(source)).hotkey).toBe(devAddress);
  });

  test('a file with a mnemonic', async () => {
    const file = join(folder, 'words');
    await writeFile(file, `${devPhrase}\n`, { mode: 0o600 });
    expect((await loadSigner({ kind: 'mnemonic', file })).hotkey).toBe(devAddress);
  });

  test('a development URI', async () => {
    expect((await loadSigner({ kind: 'uri', uri: '//Alice' }, hotkey(alice))).hotkey).toBe(alice);
  });
});

describe('a key is refused', () => {
  test.each([
    ['encrypted by the SDK', '$NACLabc', 'OST_WALLET_ENCRYPTED'],
    ['encrypted by Ansible', '$ANSIBLE_VAULT;1.1', 'OST_WALLET_ENCRYPTED'],
    ['encrypted by the oldest versions', 'gAAAAABabc', 'OST_WALLET_ENCRYPTED'],
    ['no JSON', 'hello', 'OST_WALLET_INVALID'],
    ['without a secret', '{"ss58Address":"5x"}', 'OST_WALLET_INVALID'],
    ['of another address', JSON.stringify({ secretSeed: aliceSeed, ss58Address: devAddress }), 'OST_WALLET_INVALID'],
    ['with words that are no mnemonic', '{"secretPhrase":"one two three"}', 'OST_WALLET_INVALID'],
  ])('whose file is %s', async (name, content, code) => {
    const source = await hotkeyFile(name, content);
    await expect(loadSigner(source)).rejects.toMatchObject({ code });
  });

  test('whose file is missing', async () => {
    const source = { kind: 'wallet', folder, wallet: 'mine', hotkey: 'none' } as const;
    await expect(loadSigner(source)).rejects.toMatchObject({ code: 'OST_WALLET_NOT_FOUND' });
  });

  test('that is not the expected one', async () => {
    await expect(loadSigner({ kind: 'uri', uri: '//Bob' }, hotkey(alice))).rejects.toMatchObject({
      code: 'OST_WALLET_WRONG_HOTKEY',
    });
  });

  test('without repeating the secret in the error', async () => {
    const secret = 'seven secret words that nobody may see';
    const source = await hotkeyFile('leak', JSON.stringify({ secretPhrase: secret }));
    const error: unknown = await loadSigner(source).catch((reason: unknown) => reason);
    expect(inspect(error, { depth: 5 })).not.toContain(secret);
  });
});

describe('a signer', () => {
  test('signs bytes as they are, verifiable with the public key', async () => {
    const signer = await loadSigner({ kind: 'uri', uri: '//Alice' });
    const message = new TextEncoder().encode('hello');
    expect(signatureVerify(message, signer.sign(message), alice)).toMatchObject({ isValid: true, crypto: 'sr25519' });
  });

  test('cannot be written anywhere', async () => {
    const signer = await loadSigner({ kind: 'uri', uri: '//Alice' });
    expect(() => JSON.stringify({ signer })).toThrow(/serialised/);
    expect(inspect(signer, { showHidden: true, depth: 9 })).toBe(`Signer(${alice})`);
    expect(Object.values(signer)).toEqual([alice, signer.publicKey]);
  });
});
