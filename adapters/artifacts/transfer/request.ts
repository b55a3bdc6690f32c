import { Agent, type buildConnector, type Dispatcher, request } from 'undici';
import { fail } from '../../../domain/errors/error.ts';
import { plainUrl } from './answer.ts';

/** A line that says nothing for so long is dead; the bytes that came are kept. */
const silenceMs = 30_000;

/** How a transfer reaches its server. */
export interface Road {
  /** Sent to the server that was named, and to no other that it may point at. */
  readonly headers?: Readonly<Record<string, string>>;
  /** How often an answer may point elsewhere; 0 where left out. */
  readonly redirects?: number;
  /** Throws where an address must not be asked. */
  readonly allow?: (url: URL) => void;
  /** How connections are made; decides on addresses that names resolve to. */
  readonly connect?: buildConnector.BuildOptions;
}

/** Connections of one transfer, so that nothing of it outlives it. */
export class Line implements AsyncDisposable {
  readonly #road: Road;
  readonly #agent: Agent;

  constructor(road: Road, connections: number) {
    this.#road = road;
    const { connect } = road;
    this.#agent = new Agent({
      connections,
      headersTimeout: silenceMs,
      bodyTimeout: silenceMs,
      ...(connect === undefined ? {} : { connect: { timeout: 10_000, ...connect } }),
    });
  }

  /** @throws OST_TRANSFER_REDIRECT, what `allow` throws, or whatever breaks the connection */
  async get(
    url: string,
    headers: Readonly<Record<string, string>>,
    signal?: AbortSignal,
  ): Promise<Dispatcher.ResponseData> {
    const { redirects = 0, allow } = this.#road;
    let at = new URL(url);
    for (let left = redirects; ; left -= 1) {
      allow?.(at);
      const own = at.origin === new URL(url).origin ? this.#road.headers : {};
      const answer = await request(at.href, {
        dispatcher: this.#agent,
        headers: { 'accept-encoding': 'identity', ...own, ...headers },
        ...(signal === undefined ? {} : { signal }),
      });
      const { location } = answer.headers;
      if (redirects === 0 || !isRedirect(answer.statusCode) || typeof location !== 'string') return answer;
      await answer.body.dump();
      if (left === 0) throw fail('OST_TRANSFER_REDIRECT', { url: plainUrl(url), limit: redirects });
      at = nextOf(location, at);
    }
  }

  /** Destroyed rather than closed, because a peer may be stuck. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent.destroy();
  }
}

const isRedirect = (status: number): boolean => [301, 302, 303, 307, 308].includes(status);

function nextOf(location: string, at: URL): URL {
  if (!URL.canParse(location, at.href))
    throw fail('OST_TRANSFER_FAILED', { url: plainUrl(at.href), bytes: 0, detail: 'it points nowhere' });
  return new URL(location, at);
}
