import { createHash } from 'node:crypto';
import { type IncomingMessage, request } from 'node:http';
import { buffer } from 'node:stream/consumers';

/** What the originals' clients get back. */
export interface OriginalAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** As `requests` sends them; the token is empty, and sent all the same. */
const headers = {
  'User-Agent': 'python-requests/2.32.3',
  'Accept-Encoding': 'gzip, deflate',
  Accept: '*/*',
  Connection: 'keep-alive',
  Authorization: 'Bearer ',
};

function exchange(
  url: string,
  method: string,
  more: Readonly<Record<string, string>>,
  body: Uint8Array,
): Promise<OriginalAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<OriginalAnswer>();
  const sent = request(url, { method, headers: { ...headers, ...more, 'Content-Length': body.length } });
  sent.on('response', (answer) => {
    buffer(answer).then(
      (all) => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: all }),
      reject,
    );
  });
  sent.on('error', reject);
  sent.end(body);
  return promise;
}

/** The target's public key and the block as eight bytes, big-endian. Written out here once more, on purpose. */
export function blockBytes(targetPublicKey: Uint8Array, block: number): Buffer {
  const bytes = Buffer.alloc(40);
  bytes.set(targetPublicKey);
  bytes.writeUInt32BE(Math.floor(block / 2 ** 32), 32);
  bytes.writeUInt32BE(block % 2 ** 32, 36);
  return bytes;
}

/** base64url without its padding, as Connito's clients write signatures; Mycelia's wrote hex. */
export const base64url = (bytes: Uint8Array): string =>
  Buffer.from(bytes).toString('base64').replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** `GET /get-checkpoint` with its fields as a form in the body. */
export function getCheckpoint(
  url: string,
  fields: Readonly<Record<string, string>>,
  more: Readonly<Record<string, string>> = {},
): Promise<OriginalAnswer> {
  const body = Buffer.from(new URLSearchParams(fields).toString());
  const type = { 'Content-Type': 'application/x-www-form-urlencoded', ...more };
  return exchange(`${url}/get-checkpoint`, 'GET', type, body);
}

/** `POST /submit-checkpoint` as `requests` encodes `data` and `files`. */
export function submitCheckpoint(
  url: string,
  fields: Readonly<Record<string, string>>,
  file: { readonly name: string; readonly bytes: Uint8Array },
): Promise<OriginalAnswer> {
  const boundary = createHash('md5').update(file.bytes).digest('hex');
  const parts = Object.entries(fields).map(
    ([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  const head =
    `${parts.join('')}--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${file.name}"\r\n` +
    'Content-Type: application/octet-stream\r\n\r\n';
  const body = Buffer.concat([Buffer.from(head), file.bytes, Buffer.from(`\r\n--${boundary}--\r\n`)]);
  return exchange(
    `${url}/submit-checkpoint`,
    'POST',
    { 'Content-Type': `multipart/form-data; boundary=${boundary}` },
    body,
  );
}
