import { argon2, createDecipheriv, createHmac, pbkdf2, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { naclDecrypt } from '@polkadot/util-crypto';
import { fail } from '../../domain/errors/error.ts';

/**
 * How a Bittensor key file is encrypted: as the SDK does today, as it did until 2023, and as its first versions did.
 */
export type Encryption = 'nacl' | 'ansible' | 'fernet';

const heads: Readonly<Record<Encryption, string>> = { nacl: '$NACL', ansible: '$ANSIBLE_VAULT;', fernet: 'gAAAAA' };

/** How a key file is encrypted, by what it begins with; null for what is not. */
export function encryptionOf(content: Uint8Array): Encryption | null {
  const head = Buffer.from(content.subarray(0, 16)).toString('latin1');
  if (head.startsWith(heads.nacl)) return 'nacl';
  if (head.startsWith(heads.ansible)) return 'ansible';
  return head.startsWith(heads.fernet) ? 'fernet' : null;
}

/**
 * The plain text of an encrypted key file. Each of the formats is authenticated: a wrong password and a damaged file
 * look alike, OST_WALLET_PASSWORD. Raises OST_WALLET_FORMAT for what is not of its format's form.
 */
export async function decryptKeyFile(content: Buffer, password: Uint8Array, file: string): Promise<Buffer> {
  const encryption = encryptionOf(content);
  if (encryption === null) throw fail('OST_WALLET_FORMAT', { file, reason: 'it begins like none that is known' });
  const plain = await openers[encryption](content, password, (reason) => fail('OST_WALLET_FORMAT', { file, reason }));
  if (plain === null) throw fail('OST_WALLET_PASSWORD', { file });
  return plain;
}

type Opener = (content: Buffer, password: Uint8Array, malformed: (reason: string) => Error) => Promise<Buffer | null>;

const argon = promisify(argon2);
const derive = promisify(pbkdf2);

/** The SDK's own constant: its key files have no salt of their own. */
const naclSalt = Buffer.from('137183dff15a09bc9c90b5518739e9b1', 'hex');
const naclNonceBytes = 24;
const poly1305Bytes = 16;

/** Argon2i with libsodium's limits "sensitive": 8 passes over 512 MiB. */
export const naclKey = (password: Uint8Array): Promise<Buffer> =>
  argon('argon2i', {
    message: password,
    nonce: naclSalt,
    parallelism: 1,
    tagLength: 32,
    memory: 512 * 1024,
    passes: 8,
  });

/** XSalsa20-Poly1305: the plain text under a key of {@link naclKey}; null where the content is not sealed by it. */
export function unsealNacl(content: Uint8Array, key: Uint8Array): Buffer | null {
  const body = content.subarray(heads.nacl.length);
  const plain = naclDecrypt(body.subarray(naclNonceBytes), body.subarray(0, naclNonceBytes), key);
  return plain === null ? null : Buffer.from(plain);
}

const openNacl: Opener = async (content, password, malformed) => {
  if (content.length <= heads.nacl.length + naclNonceBytes + poly1305Bytes) throw malformed('it is cut off');
  const key = await naclKey(password);
  const plain = unsealNacl(content, key);
  key.fill(0);
  return plain;
};

const hexText = /^(?:[0-9a-f]{2})+$/;
const ansibleRounds = 10_000;

/** Ansible Vault 1.1 and 1.2 (which adds a label): AES-256-CTR, then HMAC-SHA256, under PBKDF2. */
const openAnsible: Opener = async (content, password, malformed) => {
  const [head = '', ...lines] = content.toString('latin1').trimEnd().split(/\r?\n/);
  const [, version, cipher] = head.split(';');
  if (!['1.1', '1.2'].includes(version ?? '') || cipher !== 'AES256') throw malformed(`it says "${head.slice(0, 60)}"`);
  const outer = lines.map((line) => line.trim()).join('');
  if (!hexText.test(outer)) throw malformed('it is no hexadecimal text');
  const parts = Buffer.from(outer, 'hex').toString('latin1').split('\n');
  if (parts.length !== 3 || !parts.every((part) => hexText.test(part))) throw malformed('it has not three parts');
  const [salt, mac, sealed] = parts.map((part) => Buffer.from(part, 'hex'));
  if (salt === undefined || mac === undefined || sealed === undefined) throw malformed('it has not three parts');
  const keys = await derive(password, salt, ansibleRounds, 80, 'sha256');
  try {
    if (!equal(createHmac('sha256', keys.subarray(32, 64)).update(sealed).digest(), mac)) return null;
    const decipher = createDecipheriv('aes-256-ctr', keys.subarray(0, 32), keys.subarray(64, 80));
    return unpadded(Buffer.concat([decipher.update(sealed), decipher.final()]));
  } finally {
    keys.fill(0);
  }
};

const fernetSalt = 'Iguesscyborgslikemyselfhaveatendencytobeparanoidaboutourorigins';
const fernetRounds = 10_000_000;
const fernetVersion = 0x80;
/** Version, time and initialisation vector before the cipher text; a block of it at least; a MAC behind it. */
const fernetLeastBytes = 1 + 8 + 16 + 16 + 32;

/** Fernet: AES-128-CBC, then HMAC-SHA256, under PBKDF2 with ten million rounds. */
const openFernet: Opener = async (content, password, malformed) => {
  const token = Buffer.from(content.toString('latin1').trim(), 'base64url');
  if (token.length < fernetLeastBytes || token[0] !== fernetVersion) throw malformed('it is cut off');
  const keys = await derive(password, fernetSalt, fernetRounds, 32, 'sha256');
  try {
    const signed = token.subarray(0, -32);
    if (!equal(createHmac('sha256', keys.subarray(0, 16)).update(signed).digest(), token.subarray(-32))) return null;
    const decipher = createDecipheriv('aes-128-cbc', keys.subarray(16), token.subarray(9, 25));
    return Buffer.concat([decipher.update(signed.subarray(25)), decipher.final()]);
  } finally {
    keys.fill(0);
  }
};

const openers: Readonly<Record<Encryption, Opener>> = { nacl: openNacl, ansible: openAnsible, fernet: openFernet };

const equal = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && timingSafeEqual(a, b);

/** PKCS#7, which the vault adds although its cipher would not need it. */
const unpadded = (bytes: Buffer): Buffer => bytes.subarray(0, bytes.length - (bytes.at(-1) ?? 0));
