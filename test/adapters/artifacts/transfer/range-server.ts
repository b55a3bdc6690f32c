import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { chunkListType } from '../../../../adapters/artifacts/transfer/chunk-list.ts';
import { type ChunkManifest, chunkManifestJson } from '../../../../domain/chunk-manifest.ts';

/** A part that was asked for; `end` is exclusive. */
export interface Asked {
  readonly begin: number;
  readonly end: number;
}

/** A server of one file that knows ranges, whose answers a test may spoil. */
export class RangeServer {
  readonly #server: Server;
  content: Buffer;
  list: ChunkManifest | null = null;
  readonly asked: Asked[] = [];
  active = 0;
  most = 0;
  /** Bytes that left, over all answers. */
  sent = 0;
  delayMs = 0;
  /** What is really sent for a part. */
  spoil: (bytes: Buffer, part: Asked) => Buffer = (bytes) => bytes;
  /** Called instead of the ordinary answer where it returns true. */
  instead: (request: IncomingMessage, response: ServerResponse) => boolean = () => false;

  constructor(content: Buffer) {
    this.content = content;
    this.#server = createServer((request, response) => {
      if (!this.instead(request, response)) this.#answer(request, response);
    });
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  cut(): void {
    this.#server.closeAllConnections();
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('not listening');
    return `http://127.0.0.1:${address.port}/file`;
  }

  get digest(): string {
    return createHash('sha256').update(this.content).digest('hex');
  }

  get etag(): string {
    return `"${this.digest}"`;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    if (request.url?.includes('chunks') === true && this.list !== null) {
      response.writeHead(200, { 'content-type': chunkListType }).end(JSON.stringify(chunkManifestJson(this.list)));
      return;
    }
    const [, first = '', last = ''] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
    const same = (request.headers['if-range'] ?? this.etag) === this.etag;
    const ranged = first !== '' && same;
    const begin = ranged ? Number(first) : 0;
    const end = ranged && last !== '' ? Math.min(this.content.length, Number(last) + 1) : this.content.length;
    this.asked.push({ begin, end });
    this.active += 1;
    this.most = Math.max(this.most, this.active);
    response.once('close', () => {
      this.active -= 1;
    });
    response.writeHead(ranged ? 206 : 200, {
      etag: this.etag,
      'content-length': end - begin,
      ...(ranged ? { 'content-range': `bytes ${begin}-${end - 1}/${this.content.length}` } : {}),
    });
    const bytes = this.spoil(this.content.subarray(begin, end), { begin, end });
    this.sent += bytes.length;
    setTimeout(() => response.end(bytes), this.delayMs);
  }
}
