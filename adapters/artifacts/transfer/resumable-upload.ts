import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { Agent, type Dispatcher, request } from 'undici';
import { type ChunkManifest, chunkManifestJson } from '../../../domain/chunk-manifest.ts';
import { fail, messageOf } from '../../../domain/errors/error.ts';
import { plainUrl, readBody, readRefusal } from './answer.ts';
import { accepted, settle, type UploadRequest, type UploadResult, upload } from './upload.ts';

/** Parts that came to nothing, one after the other, before it is left to another attempt. */
const patience = 4;

export interface ResumableUpload extends UploadRequest {
  readonly list: ChunkManifest;
}

type Answer = Dispatcher.ResponseData;
type Ask = (url: string, options: Omit<Dispatcher.RequestOptions, 'path' | 'origin'>) => Promise<Answer>;

/**
 * Sends a file so that, whatever breaks off, the next attempt goes on at the chunk; `url` is that of the whole form,
 * which a server without resumable uploads gets instead.
 *
 * @throws OST_TRANSFER_FAILED where no answer came, OST_TRANSFER_DEADLINE where the signal fired first
 */
export async function uploadResumably(order: ResumableUpload): Promise<UploadResult> {
  const agent = new Agent({ headersTimeout: 120_000, bodyTimeout: 30_000 });
  const { signal } = order;
  const progress = { sent: 0 };
  const ask: Ask = (url, options) =>
    request(url, { dispatcher: agent, ...options, ...(signal === undefined ? {} : { signal }) });
  try {
    const begun = await begin(order, ask);
    if (begun.statusCode === 404 || begun.statusCode === 405) {
      await begun.body.dump();
      return await upload(order);
    }
    if (begun.statusCode !== 201) return settle(order, await readRefusal(begun));
    const { upload: id } = await readBody(begun.body);
    return await send(order, ask, `${order.url}/uploads/${String(id)}`, begun, progress);
  } catch (error) {
    const params = { url: plainUrl(order.url), bytes: progress.sent };
    if (signal?.aborted === true) throw fail('OST_TRANSFER_DEADLINE', params, { cause: error });
    throw fail('OST_TRANSFER_FAILED', { ...params, detail: messageOf(error) }, { cause: error });
  } finally {
    // Destroyed rather than closed: a server may answer early and never read the rest.
    await agent.destroy();
  }
}

function begin(order: ResumableUpload, ask: Ask): Promise<Answer> {
  const { digest, ...list } = chunkManifestJson(order.list);
  return ask(`${order.url}/uploads`, {
    method: 'POST',
    headers: { ...order.headers, 'content-type': 'application/json' },
    body: JSON.stringify({ ...order.fields, file_name: order.file.name, sha256: digest, ...list }),
  });
}

async function send(
  order: ResumableUpload,
  ask: Ask,
  url: string,
  begun: Answer,
  progress: { sent: number },
): Promise<UploadResult> {
  let answer = begun;
  let fruitless = 0;
  for (let before = -1; ; ) {
    const gap = gapOf(answer);
    fruitless = gap.offset === before ? fruitless + 1 : 0;
    before = gap.offset;
    answer = await ask(url, {
      method: 'PATCH',
      headers: {
        ...order.headers,
        'upload-offset': String(gap.offset),
        'content-type': 'application/offset+octet-stream',
        'content-length': String(gap.until - gap.offset),
      },
      body: part(order, gap, progress),
    });
    const { statusCode: status } = answer;
    if (status === 200) return accepted(await readBody(answer.body), order.list.bytes);
    const goesOn = status === 204 || ((status === 409 || status === 422) && 'upload-offset' in answer.headers);
    if (!goesOn || fruitless >= patience) return settle(order, await readRefusal(answer));
    await answer.body.dump();
  }
}

interface Gap {
  readonly offset: number;
  readonly until: number;
}

function gapOf({ headers }: Answer): Gap {
  const offset = Number(headers['upload-offset']);
  const until = Number(headers['upload-until']);
  if (Number.isSafeInteger(offset) && Number.isSafeInteger(until) && until >= offset) return { offset, until };
  throw new Error('it does not say where to go on');
}

/** Read as the connection takes it: listening to a stream of our own would have it flow before anybody takes it. */
function part(order: ResumableUpload, { offset, until }: Gap, progress: { sent: number }): Readable {
  async function* counted(): AsyncGenerator<Buffer> {
    if (until === offset) return;
    progress.sent = offset;
    const { path } = order.file;
    for await (const chunk of createReadStream(path, { start: offset, end: until - 1, highWaterMark: 1024 * 1024 })) {
      yield chunk;
      progress.sent += chunk.length;
      order.onProgress?.(progress.sent, order.list.bytes);
    }
  }
  return Readable.from(counted(), { objectMode: false });
}
