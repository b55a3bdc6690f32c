import { connect, type Socket } from 'node:net';
import type { Headers } from './headers.ts';
import type { Road } from './request.ts';

/** Where bytes go: straight into the memory that they stay in until they are on disk. */
export interface RawSink {
  /** Room for what comes next, at least a byte. */
  space(): Uint8Array;
  /** So many bytes were put there. False: no more until `resume` is called. */
  filled(bytes: number, resume: () => void): boolean;
}

/** An answer whose head was read and whose body waits. */
export interface RawAnswer {
  readonly headers: Headers;
  readonly bytes: number;
  /** Reads the body; rejects where it breaks off. */
  read(sink: RawSink): Promise<void>;
  destroy(): void;
}

const connectMs = 10_000;
const silenceMs = 30_000;
const maxHeadBytes = 16 * 1024;

/** Header values as they may be written; anything else is left to a client that knows better. */
const isPlain = (value: string): boolean => /^[\t\x20-\x7e]*$/.test(value);

/**
 * Asks for a part of a file over a connection of its own, without an HTTP library between the socket and the memory:
 * that takes a quarter of the processor time, which is what bounds a fast transfer. Only what is plain is done here,
 * an unencrypted 206 answer of known length. Null for everything else, which is then asked for in the ordinary way.
 */
export async function rawRange(
  address: string,
  headers: Headers,
  { road, signal }: { readonly road: Road; readonly signal: AbortSignal },
): Promise<RawAnswer | null> {
  const url = new URL(address);
  const all = { host: url.host, connection: 'close', 'accept-encoding': 'identity', ...road.headers, ...headers };
  const custom = road.connect !== undefined && typeof road.connect === 'function';
  if (url.protocol !== 'http:' || custom || !Object.values(all).every(isPlain)) return null;
  road.allow?.(url);
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  const question = `GET ${url.pathname}${url.search} HTTP/1.1\r\n${lines.join('')}\r\n`;
  const line = new RawLine(url, road, signal);
  try {
    return await line.ask(question);
  } catch (error) {
    line.destroy();
    throw error;
  }
}

class RawLine implements RawAnswer {
  headers: Headers = {};
  bytes = 0;
  readonly #socket: Socket;
  readonly #head = Buffer.allocUnsafeSlow(maxHeadBytes);
  readonly #answered = Promise.withResolvers<boolean>();
  readonly #ended = Promise.withResolvers<void>();
  #filled = 0;
  /** Where the body begins in `#head`; null before. */
  #bodyAt: number | null = null;
  #left = 0;
  #sink: RawSink | null = null;

  constructor(url: URL, { connect: options }: Road, signal: AbortSignal) {
    const lookup = typeof options === 'object' && 'lookup' in options ? options.lookup : undefined;
    // Nobody may be waiting for it yet when it breaks.
    this.#ended.promise.catch(() => undefined);
    this.#answered.promise.catch(() => undefined);
    this.#socket = connect({
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: Number(url.port === '' ? 80 : url.port),
      ...(lookup === undefined ? {} : { lookup }),
      signal,
      onread: { buffer: () => this.#space(), callback: (bytes, into) => this.#took(bytes, into) },
    });
    this.#socket.setTimeout(connectMs, () => this.#socket.destroy(new Error('it says nothing')));
    this.#socket.once('connect', () => this.#socket.setTimeout(silenceMs));
    this.#socket.on('error', (error) => this.#break(error));
    this.#socket.on('close', () => this.#break(new Error('other side closed')));
  }

  async ask(question: string): Promise<RawAnswer | null> {
    this.#socket.write(question);
    if (await this.#answered.promise) return this;
    this.destroy();
    return null;
  }

  async read(sink: RawSink): Promise<void> {
    this.#sink = sink;
    const goOn = this.#put(sink, this.#head.subarray(this.#bodyAt ?? 0, this.#filled));
    if (this.#left === 0) this.#done();
    else if (goOn) this.#socket.resume();
    await this.#ended.promise;
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #space(): Uint8Array {
    if (this.#sink === null) return this.#head.subarray(Math.min(this.#filled, maxHeadBytes - 1));
    const room = this.#sink.space();
    return room.length > this.#left ? room.subarray(0, Math.max(1, this.#left)) : room;
  }

  #took(bytes: number, into: Uint8Array): boolean {
    if (this.#bodyAt !== null && this.#sink !== null) return this.#tookBody(this.#sink, bytes, into);
    this.#filled += bytes;
    const end = this.#head.subarray(0, this.#filled).indexOf('\r\n\r\n');
    if (end < 0 && this.#filled < maxHeadBytes - 1) return true;
    this.#bodyAt = end + 4;
    this.#answered.resolve(end >= 0 && this.#readHead(end));
    return false;
  }

  #tookBody(sink: RawSink, bytes: number, into: Uint8Array): boolean {
    // The first read after the head was given its place before there was a sink.
    const inHead = into.buffer === this.#head.buffer;
    const goOn = inHead ? this.#put(sink, into.subarray(0, bytes)) : this.#count(sink, bytes);
    if (this.#left > 0) return goOn;
    this.#done();
    return false;
  }

  #put(sink: RawSink, bytes: Uint8Array): boolean {
    let goOn = true;
    for (let at = 0; at < bytes.length; ) {
      const room = sink.space();
      const some = bytes.subarray(at, at + room.length);
      room.set(some);
      at += some.length;
      goOn = this.#count(sink, some.length);
    }
    return goOn;
  }

  #count(sink: RawSink, bytes: number): boolean {
    this.#left -= bytes;
    return sink.filled(bytes, () => this.#socket.resume());
  }

  #done(): void {
    this.#ended.resolve();
    this.destroy();
  }

  #break(error: Error): void {
    this.#answered.reject(error);
    this.#ended.reject(error);
  }

  /** Whether it is what can be read here. */
  #readHead(end: number): boolean {
    const [status = '', ...lines] = this.#head.subarray(0, end).toString('latin1').split('\r\n');
    const fields = new Map<string, string>();
    for (const line of lines) {
      const [, name = '', value = ''] = /^([!-9;-~]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
      // A header twice, or a line that is none, may mean one thing here and another there.
      if (name === '' || fields.has(name.toLowerCase())) return false;
      fields.set(name.toLowerCase(), value);
    }
    const length = fields.get('content-length') ?? '';
    this.headers = Object.fromEntries(fields);
    this.bytes = Number(length);
    this.#left = this.bytes;
    const body = this.#filled - (this.#bodyAt ?? 0);
    const plain = /^HTTP\/1\.1 206( |$)/.test(status) && !fields.has('transfer-encoding');
    return plain && /^[1-9]\d{0,14}$/.test(length) && body <= this.bytes;
  }
}
