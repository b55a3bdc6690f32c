import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

/** What the hub was asked: method, address without the query's signature, and whether the token came along. */
export interface Asked {
  readonly host: 'hub' | 'storage';
  readonly path: string;
  readonly authorization: string | undefined;
}

export interface LocalHubOptions {
  readonly files: Readonly<Record<string, Uint8Array>>;
  readonly commit: string;
  /** Paths that lie in the storage behind the hub, to which it redirects; the others it sends itself. */
  readonly large: readonly string[];
  /** The token without which it answers 401. */
  readonly gated?: string;
}

/**
 * A hub of the routes that data sets need, and the storage behind it on another port: the hub describes a revision,
 * sends small files, and redirects to the storage for large ones with a signed address.
 */
export class LocalHub {
  readonly asked: Asked[] = [];
  /** Answers of the storage that break off after so many bytes; the first is taken by the next answer. */
  readonly breaks: number[] = [];
  /** The status of the next answers of the hub, in the place of what it would say. */
  readonly refusals: { readonly status: number; readonly code?: string }[] = [];
  #options: LocalHubOptions;
  readonly #hub: Server;
  readonly #storage: Server;

  private constructor(options: LocalHubOptions) {
    this.#options = options;
    this.#hub = createServer((request, response) => this.#answer(request, response));
    this.#storage = createServer((request, response) => this.#store(request, response));
  }

  static async start(options: LocalHubOptions): Promise<LocalHub> {
    const hub = new LocalHub(options);
    for (const server of [hub.#hub, hub.#storage]) {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    }
    return hub;
  }

  get endpoint(): string {
    return addressOf(this.#hub);
  }

  change(options: Partial<LocalHubOptions>): void {
    this.#options = { ...this.#options, ...options };
  }

  async close(): Promise<void> {
    for (const server of [this.#hub, this.#storage]) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  #note(host: Asked['host'], request: IncomingMessage): string {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://x').pathname);
    this.asked.push({ host, path, authorization: request.headers.authorization });
    return path;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const path = this.#note('hub', request);
    const { files, commit, large, gated } = this.#options;
    const refuse = (status: number, code: string) =>
      response.writeHead(status, { 'x-error-code': code, 'content-type': 'application/json' }).end('{"error":"no"}');
    const refusal = this.refusals.shift();
    if (refusal !== undefined) {
      refuse(refusal.status, refusal.code ?? 'none');
      return;
    }
    if (gated !== undefined && request.headers.authorization !== `Bearer ${gated}`) {
      refuse(401, 'GatedRepo');
      return;
    }
    const [, revision] = /^\/api\/datasets\/math\/sums\/revision\/(.+)$/.exec(path) ?? [];
    if (revision === commit || revision === 'main' || revision === 'refs/convert/parquet') {
      const siblings = Object.entries(files).map(([rfilename, bytes]) => describe(rfilename, bytes, large));
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ sha: commit, siblings }));
      return;
    }
    const file = path.startsWith(`/datasets/math/sums/resolve/${commit}/`) ? path.split('/').slice(6).join('/') : '';
    const bytes = files[file];
    if (bytes === undefined) refuse(404, revision === undefined ? 'RepoNotFound' : 'RevisionNotFound');
    else if (large.includes(file)) {
      const location = `${addressOf(this.#storage)}/${encodeURIComponent(file)}?signature=secret`;
      response.writeHead(302, { location, 'x-linked-size': bytes.length }).end();
    } else sendRange(request, response, bytes, Number.POSITIVE_INFINITY);
  }

  #store(request: IncomingMessage, response: ServerResponse): void {
    const path = this.#note('storage', request);
    const bytes = this.#options.files[path.slice(1)];
    if (bytes === undefined) response.writeHead(404).end();
    else sendRange(request, response, bytes, this.breaks.shift() ?? Number.POSITIVE_INFINITY);
  }
}

function addressOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening');
  return `http://127.0.0.1:${address.port}`;
}

const describe = (rfilename: string, bytes: Uint8Array, large: readonly string[]) => ({
  rfilename,
  size: bytes.length,
  blobId: createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex'),
  ...(large.includes(rfilename)
    ? { lfs: { sha256: createHash('sha256').update(bytes).digest('hex'), size: bytes.length, pointerSize: 134 } }
    : {}),
});

/** Serves a range as storages do, and dies in the middle where it is told to. */
function sendRange(request: IncomingMessage, response: ServerResponse, bytes: Uint8Array, breakAfter: number): void {
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
  const begin = Number(first ?? 0);
  const end = last === undefined || last === '' ? bytes.length : Math.min(bytes.length, Number(last) + 1);
  response.writeHead(first === undefined ? 200 : 206, {
    etag: `"${createHash('md5').update(bytes).digest('hex')}"`,
    'content-length': end - begin,
    ...(first === undefined ? {} : { 'content-range': `bytes ${begin}-${end - 1}/${bytes.length}` }),
  });
  const part = bytes.subarray(begin, Math.min(end, begin + breakAfter));
  if (part.length === end - begin) response.end(part);
  else response.write(part, () => response.destroy());
}
