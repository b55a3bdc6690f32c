import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { signatureVerify } from '@polkadot/util-crypto';
import { encryptionOf, naclKey, unsealNacl } from '../../../adapters/wallet/decrypt.ts';
import { readHotkeyFile } from '../../../adapters/wallet/load.ts';

const fixtures = join(import.meta.dirname, '../../fixtures/wallets');
const password = 'correct-Horse-7-battery';
const ofPhrase = '5EHgWw2Af1pnoc7f1A8bfmM97W3DAYW8xr82RfhLL9oAabAe';
/** The key that each form of file holds, whatever version wrote it. */
const addresses: Readonly<Record<string, string>> = {
  plain: ofPhrase,
  'plain-private-key': ofPhrase,
  'plain-seed': '5FnoWRL4FYzd29q8zXoY3JWio9PtBPgrAFu2RcgQazRQsiCs',
  'plain-seed-hex': '5EHQTrSwawHihieZXF8N99fexzGo2DtoMp4jJtujueKzjr1X',
  'plain-uri': '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY',
  nacl: ofPhrase,
  ansible: ofPhrase,
  fernet: ofPhrase,
};

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ostinato-golden-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A file that is its owner's alone; what a checkout holds is everybody's. */
async function own(name: string, content: Uint8Array | string): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, content);
  await chmod(file, 0o600);
  return file;
}

const golden = async (name: string): Promise<string> => own(name, await readFile(join(fixtures, name)));
const passwordFile = (text: string, name = 'password'): Promise<string> => own(name, text);

/** Deriving the key takes seconds, by intent, and all versions' files of this form have the same one. */
const derived = new Set(['1.0.0-nacl', '2.1.3-nacl']);
const sharedKey = naclKey(Buffer.from(password));

const names = (await readdir(fixtures)).filter((name) => name !== 'README.md');

describe('a key file of bittensor-wallet', () => {
  test('is there in all forms', () => {
    expect(new Set(names.map((name) => name.slice('1.0.0-'.length)))).toEqual(new Set(Object.keys(addresses)));
  });

  test.each(names)('%s gives its key, which signs', async (name) => {
    const content = await readFile(join(fixtures, name));
    const file = await own(name, derived.has(name) ? (unsealNacl(content, await sharedKey) ?? '') : content);
    const signer = await readHotkeyFile(file, { file: await passwordFile(`${password}\n`) });
    expect(signer.hotkey).toBe(addresses[name.slice('1.0.0-'.length)]);
    const message = new TextEncoder().encode(name);
    expect(signatureVerify(message, signer.sign(message), signer.hotkey).isValid).toBe(true);
  });

  // Another key than the password's is tried below: to derive one takes six seconds of a core.
  test.each(['4.1.1-ansible', '1.0.0-fernet'])(
    '%s is not opened by another password, and the error does not repeat it',
    async (name) => {
      const wrong = await passwordFile('a-password-that-is-Wrong-9', 'wrong');
      const error: unknown = await readHotkeyFile(await golden(name), { file: wrong }).catch(
        (reason: unknown) => reason,
      );
      expect(error).toMatchObject({ code: 'OST_WALLET_PASSWORD' });
      expect(inspect(error, { depth: 9 })).not.toContain('a-password-that-is-Wrong-9');
    },
  );

  const changed = async (name: string): Promise<Buffer> => {
    const content = await readFile(join(fixtures, name));
    const at = content.length - 20;
    content[at] = content[at] === 0x31 ? 0x32 : 0x31;
    return content;
  };
  test('4.1.1-nacl that was changed in one byte is not opened, nor by another key', async () => {
    const sound = await readFile(join(fixtures, '4.1.1-nacl'));
    expect(unsealNacl(sound, await sharedKey)).not.toBeNull();
    expect(
      unsealNacl(
        sound,
        (await sharedKey).map((byte) => byte ^ 1),
      ),
    ).toBeNull();
    expect(unsealNacl(await changed('4.1.1-nacl'), await sharedKey)).toBeNull();
  });
  test.each(['4.1.1-ansible', '1.0.0-fernet'])('%s that was changed in one byte is not opened', async (name) => {
    const content = await changed(name);
    const reading = readHotkeyFile(await own('changed', content), { file: await passwordFile(password) });
    await expect(reading).rejects.toMatchObject({ code: expect.stringMatching(/^OST_WALLET_(PASSWORD|FORMAT)$/) });
  });

  const encrypted = ['4.1.1-nacl', '4.1.1-ansible', '1.0.0-fernet'];
  test.each(encrypted)('%s is not opened where nobody knows the password', async (name) => {
    await expect(readHotkeyFile(await golden(name))).rejects.toMatchObject({ code: 'OST_WALLET_ENCRYPTED' });
  });

  test.each([
    ['$NACL', 'cut off'],
    ['$NACL0123456789', 'cut off'],
    ['$ANSIBLE_VAULT;1.3;AES256\n00', 'another version'],
    ['$ANSIBLE_VAULT;1.1;AES\n00', 'another cipher'],
    ['$ANSIBLE_VAULT;1.1;AES256\nxyz', 'no digits'],
    ['$ANSIBLE_VAULT;1.1;AES256\n3031', 'parts missing'],
    ['gAAAAA', 'cut off'],
    ['gAAAAABabc', 'cut off'],
  ])('that is %j (%s) is of no known format', async (text) => {
    const reading = readHotkeyFile(await own('odd', text), { file: await passwordFile(password) });
    await expect(reading).rejects.toMatchObject({ code: 'OST_WALLET_FORMAT' });
  });

  test('is told by what it begins with', async () => {
    const kinds = await Promise.all(names.map(async (name) => encryptionOf(await readFile(join(fixtures, name)))));
    expect(kinds).toEqual(names.map((name) => (name.includes('plain') ? null : name.slice('1.0.0-'.length))));
  });
});

describe('a file that is not its owner’s alone', () => {
  test.each([0o644, 0o640, 0o604, 0o620, 0o660, 0o777])('is refused with permissions %o', async (mode) => {
    const file = await golden('4.1.1-plain');
    await chmod(file, mode);
    await expect(readHotkeyFile(file)).rejects.toMatchObject({
      code: 'OST_WALLET_PERMISSIONS',
      params: { file, permissions: mode.toString(8) },
      todo: `Run: chmod 600 ${file}`,
    });
  });

  test.each([0o600, 0o400])('is read with permissions %o', async (mode) => {
    const file = await golden('4.1.1-plain');
    await chmod(file, mode);
    expect((await readHotkeyFile(file)).hotkey).toBe(ofPhrase);
  });

  test('is refused where it holds the password', async () => {
    const file = await passwordFile(password, "it's a password");
    await chmod(file, 0o644);
    await expect(readHotkeyFile(await golden('4.1.1-nacl'), { file })).rejects.toMatchObject({
      code: 'OST_WALLET_PERMISSIONS',
      todo: `Run: chmod 600 '${join(folder, "it'\\''s a password")}'`,
    });
  });
});

describe('a plain key file', () => {
  const changed = async (change: Readonly<Record<string, unknown>>) =>
    own('changed', JSON.stringify({ ...JSON.parse(await readFile(join(fixtures, '4.1.1-plain'), 'utf8')), ...change }));

  test.each([
    ['of another kind of key', { cryptoType: 0 }],
    ['of another address', { ss58Address: '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY' }],
    ['without a secret', { secretSeed: null, secretPhrase: null, privateKey: null }],
    ['with a private key alone that is cut off', { secretSeed: null, secretPhrase: null, privateKey: '0xad8a' }],
    [
      'with a private key alone and no public one',
      { secretSeed: null, secretPhrase: null, publicKey: null, accountId: null },
    ],
    [
      'with a private key alone of another public one',
      { secretSeed: null, secretPhrase: null, publicKey: `0x${'d4'.repeat(32)}` },
    ],
  ])('%s is refused', async (_name, change) => {
    await expect(readHotkeyFile(await changed(change))).rejects.toMatchObject({ code: 'OST_WALLET_INVALID' });
  });
});
