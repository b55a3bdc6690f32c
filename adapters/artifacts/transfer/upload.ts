import { Readable } from 'node:stream';
import { Agent, request } from 'undici';
import { fail, messageOf } from '../../../domain/errors/error.ts';
import { mayPass, plainUrl, readBody, readRefusal } from './answer.ts';
import { type FormFile, formOf } from './multipart.ts';

export interface UploadRequest {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The form's fields, in order; the file comes after them. */
  readonly fields: Readonly<Record<string, string>>;
  readonly file: FormFile & {
    /** Its SHA-256, where it is known: a server that has this very file already then counts as success. */
    readonly digest?: string;
  };
  readonly signal?: AbortSignal;
  /** Bytes handed to the connection so far. */
  readonly onProgress?: (bytes: number, total: number) => void;
}

/** How a server answered. `refused` stays the same until the request changes; `busy` may pass by itself. */
export type UploadResult =
  | { readonly kind: 'accepted'; readonly digest: string; readonly bytes: number }
  | { readonly kind: 'refused' | 'busy'; readonly status: number; readonly code: string; readonly detail: string };

/**
 * Sends a file as a multipart form.
 *
 * @throws OST_TRANSFER_FAILED where no answer came, OST_TRANSFER_DEADLINE where the signal fired first
 */
export async function upload(order: UploadRequest): Promise<UploadResult> {
  const form = await formOf(order.fields, order.file);
  const agent = new Agent({ headersTimeout: 120_000, bodyTimeout: 30_000 });
  let sent = 0;
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const chunk of form.chunks()) {
      yield chunk;
      sent += chunk.length;
      order.onProgress?.(sent, form.contentLength);
    }
  }
  try {
    const answer = await request(order.url, {
      dispatcher: agent,
      method: 'POST',
      headers: { ...order.headers, 'content-type': form.contentType, 'content-length': String(form.contentLength) },
      body: Readable.from(counted(), { objectMode: false }),
      ...(order.signal === undefined ? {} : { signal: order.signal }),
    });
    if (answer.statusCode === 200) return accepted(await readBody(answer.body), form.contentLength);
    return settle(order, await readRefusal(answer));
  } catch (error) {
    const params = { url: plainUrl(order.url), bytes: sent };
    if (order.signal?.aborted === true) throw fail('OST_TRANSFER_DEADLINE', params, { cause: error });
    throw fail('OST_TRANSFER_FAILED', { ...params, detail: messageOf(error) }, { cause: error });
  } finally {
    // Destroyed rather than closed: a server may answer early and never read the rest.
    await agent.destroy();
  }
}

export const accepted = (body: Readonly<Record<string, unknown>>, sentBytes: number): UploadResult => ({
  kind: 'accepted',
  digest: typeof body['sha256'] === 'string' ? body['sha256'] : '',
  bytes: typeof body['bytes'] === 'number' ? body['bytes'] : sentBytes,
});

export function settle(
  order: UploadRequest,
  { status, code, detail, body }: Awaited<ReturnType<typeof readRefusal>>,
): UploadResult {
  const { digest } = order.file;
  // The answer to an earlier attempt was lost on its way: that attempt is the one that counts.
  if (code === 'OST_SUBMISSION_DUPLICATE' && digest !== undefined && body['sha256'] === digest) {
    return accepted(body, 0);
  }
  return { kind: mayPass(status) ? 'busy' : 'refused', status, code, detail } as const;
}
