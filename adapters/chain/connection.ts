import { setTimeout as delay } from 'node:timers/promises';
import { WsProvider } from '@polkadot/api';
import { fail, messageOf } from '../../domain/errors/error.ts';
import { Endpoints } from './endpoints.ts';
import { HeadWatch } from './head-watch.ts';
import { abandonAfter } from './timeout.ts';

export type ChainLog = (event: string, fields: Readonly<Record<string, string | number>>) => void;

export interface ConnectionOptions {
  /** WebSocket addresses in order of preference; the next one is tried when one fails. */
  readonly endpoints: readonly string[];
  /** Bound of every single request, reconnecting included. */
  readonly timeoutMs: number;
  /** A head that stands still for so long is looked for at another endpoint; 60 s where left out. */
  readonly stallAfterMs?: () => number;
  /** How often a preferred endpoint is tried again while another is in use; 30 s where left out. */
  readonly returnAfterMs?: number;
  readonly log?: ChainLog;
  /** Runs on each new connection before requests go over it; a rejection moves on to the next endpoint. */
  readonly onConnect?: (raw: Send) => Promise<void>;
}

export type Send = (method: string, params: readonly unknown[]) => Promise<unknown>;

/** The names of one subscription: of its notices, of its begin and of its end. */
export interface SubscriptionMethods {
  readonly notice: string;
  readonly start: string;
  readonly stop: string;
}

interface Subscription {
  readonly notice: string;
  readonly start: string;
  readonly onValue: (value: unknown) => void;
  /** Null while it is being renewed. */
  id: number | string | null;
}

const maximumPauseMs = 5_000;
/** Five blocks of mainnet. */
const defaultStallMs = 60_000;
const defaultReturnMs = 30_000;
/** How long a move to a better endpoint waits for watches of extrinsics to end, since they do not survive it. */
const longestHoldMs = 60_000;

const isTransport = (error: unknown): boolean =>
  error instanceof Error && /^(disconnected from|WebSocket is not connected)/.test(error.message);

/**
 * One WebSocket to a chain that comes back by itself.
 *
 * The provider's own reconnecting is off, for two reasons: it prints to the console on every loss, and it hides the
 * moment at which the new endpoint can be checked. Watches of extrinsics are not renewed: whoever waits on one has to
 * bound the wait.
 */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #endpoints: Endpoints;
  readonly #watch: HeadWatch;
  readonly #lost = new Set<() => void>();
  #provider: WsProvider;
  readonly #waiting = new Set<() => void>();
  readonly #subscriptions = new Set<Subscription>();
  readonly #watches = new Map<number | string, { readonly notice: string; readonly start: string }>();
  #ready = false;
  #closed = false;
  #lastError = 'not tried yet';

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#endpoints = new Endpoints(options.endpoints);
    const { stallAfterMs = () => defaultStallMs, returnAfterMs = defaultReturnMs, timeoutMs, log } = options;
    this.#watch = new HeadWatch(
      this.#endpoints,
      { stallAfterMs, returnAfterMs, timeoutMs, ...(log === undefined ? {} : { log }) },
      (method, params) => this.call(method, params),
      (url) => {
        this.#move(url).catch(() => undefined);
      },
    );
    this.#provider = this.#providerOf(this.#endpoints.next());
  }

  #providerOf(url: string): WsProvider {
    // Reads at a block hash never change, but a read of a block that is reorganised away does: no cache.
    const provider = new WsProvider(url, false, {}, this.#options.timeoutMs, 1, 1);
    provider.on('error', (event: unknown) => {
      this.#lastError = errorText(event);
    });
    provider.on('connected', () => {
      if (provider === this.#provider) this.#check().catch(() => undefined);
    });
    provider.on('disconnected', () => {
      if (provider === this.#provider && !this.#closed) this.#leave();
    });
    return provider;
  }

  /** The connection is gone or given up; the next one is looked for. */
  #leave(): void {
    // One that stood is tried again like any other: what cut it may have been a restart.
    if (!this.#ready) this.#endpoints.failed();
    this.#ready = false;
    this.#options.log?.('chain_disconnected', { endpoint: this.endpoint, reason: this.#lastError });
    this.#forget();
    this.#provider = this.#providerOf(this.#endpoints.next());
    for (const callback of [...this.#lost]) callback();
    this.#wake();
    this.#reconnect(this.#provider).catch(() => undefined);
  }

  get endpoint(): string {
    return this.#endpoints.current;
  }

  get isReady(): boolean {
    return this.#ready;
  }

  /** Connects for the first time; rejects with OST_CHAIN_UNREACHABLE when no endpoint answers in time. */
  async open(): Promise<void> {
    await this.#provider.connect();
    const deadline = Date.now() + this.#options.timeoutMs;
    await this.#untilReady(deadline);
    this.#watch.start();
  }

  /**
   * One request. Reads may be repeated, so a connection that is lost in the middle is waited for and the question
   * asked again, until `timeoutMs` is over. With `once` it goes out at most once: for submissions.
   */
  async call(method: string, params: readonly unknown[], once = false): Promise<unknown> {
    const deadline = Date.now() + this.#options.timeoutMs;
    for (;;) {
      await this.#untilReady(deadline);
      try {
        return await this.#bounded(method, this.#provider.send(method, [...params]), deadline);
      } catch (error) {
        if (!isTransport(error)) throw error;
        if (once || this.#closed)
          throw fail('OST_CHAIN_DISCONNECTED', { endpoint: this.endpoint, method }, { cause: error });
      }
    }
  }

  /**
   * Starts a subscription and renews it on every new connection; returns how to end it. `notice` is the name that the
   * node gives its notices. Notices during a loss are lost: whoever listens has to look again after {@link onReady}.
   */
  async subscribe(
    { notice, start, stop }: SubscriptionMethods,
    onValue: (value: unknown) => void,
  ): Promise<() => Promise<void>> {
    const subscription: Subscription = { notice, start, onValue, id: null };
    subscription.id = await this.#begin(notice, start, [], onValue);
    this.#subscriptions.add(subscription);
    return async () => {
      this.#subscriptions.delete(subscription);
      if (subscription.id !== null) await this.unwatch(notice, stop, subscription.id);
    };
  }

  /** A subscription that ends with its connection; resolves with its id. */
  async watch(
    notice: string,
    start: string,
    params: readonly unknown[],
    onValue: (value: unknown) => void,
    onError: (error: unknown) => void,
  ): Promise<number | string> {
    const id = await this.#begin(notice, start, params, onValue, onError);
    this.#watches.set(id, { notice, start });
    return id;
  }

  async unwatch(notice: string, stop: string, id: number | string): Promise<void> {
    this.#watches.delete(id);
    // The other side forgets a subscription with the socket; a failure here changes nothing.
    await abandonAfter(this.#provider.unsubscribe(notice, stop, id), 1_000).catch(() => undefined);
  }

  async #begin(
    notice: string,
    start: string,
    params: readonly unknown[],
    onValue: (value: unknown) => void,
    onError?: (error: unknown) => void,
  ): Promise<number | string> {
    const deadline = Date.now() + this.#options.timeoutMs;
    await this.#untilReady(deadline);
    const started = this.#provider.subscribe(notice, start, [...params], (error, value: unknown) => {
      if (error) onError?.(error);
      else onValue(value);
    });
    try {
      return await this.#bounded(start, started, deadline);
    } catch (error) {
      if (!isTransport(error)) throw error;
      throw fail('OST_CHAIN_DISCONNECTED', { endpoint: this.endpoint, method: start }, { cause: error });
    }
  }

  /**
   * Takes all subscriptions out of the provider, which is a matter of its own books while nothing is connected: it
   * would renew them by itself, and print what fails.
   */
  #forget(): void {
    const forget = (notice: string, start: string, id: number | string) => {
      this.#provider.unsubscribe(notice, start, id).catch(() => undefined);
    };
    for (const [id, { notice, start }] of this.#watches) forget(notice, start, id);
    this.#watches.clear();
    for (const subscription of this.#subscriptions) {
      if (subscription.id !== null) forget(subscription.notice, subscription.start, subscription.id);
      subscription.id = null;
    }
  }

  /** A renewal that fails has lost its connection again, and comes again with the next one. */
  #renew(): void {
    for (const subscription of this.#subscriptions) {
      const { notice, start, onValue, id } = subscription;
      if (id !== null) continue;
      this.#begin(notice, start, [], onValue).then(
        (renewed) => {
          subscription.id = renewed;
        },
        () => undefined,
      );
    }
  }

  /** Calls back when the connection is lost; returns how to stop that. */
  onLost(callback: () => void): () => void {
    this.#lost.add(callback);
    return () => this.#lost.delete(callback);
  }

  /** Calls back when a new connection was checked; returns how to stop that. */
  onReady(callback: () => void): () => void {
    this.#waiting.add(callback);
    return () => this.#waiting.delete(callback);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#ready = false;
    this.#watch.stop();
    this.#wake();
    await this.#provider.disconnect();
  }

  async #check(): Promise<void> {
    const provider = this.#provider;
    const raw: Send = (method, params) =>
      this.#bounded(method, provider.send(method, [...params]), Date.now() + this.#options.timeoutMs);
    try {
      await this.#options.onConnect?.(raw);
    } catch (error) {
      this.#lastError = messageOf(error);
      this.#options.log?.('chain_endpoint_refused', { endpoint: this.endpoint, reason: this.#lastError });
      await provider.disconnect();
      return;
    }
    if (provider !== this.#provider) return;
    this.#ready = true;
    this.#endpoints.stands();
    this.#watch.reset();
    this.#options.log?.('chain_connected', { endpoint: this.endpoint });
    this.#renew();
    this.#wake();
  }

  async #reconnect(provider: WsProvider): Promise<void> {
    // One round over all endpoints goes quickly; after it the pause keeps a dead network from being hammered.
    await delay(Math.min(maximumPauseMs, 100 + 150 * this.#attempt++), undefined, { ref: false });
    if (!this.#closed) await provider.connect();
  }

  /** Leaves for a better endpoint; reads in flight are asked again there, submissions are waited for. */
  async #move(url: string): Promise<void> {
    const deadline = Date.now() + longestHoldMs;
    while (this.#watches.size > 0 && Date.now() < deadline) await delay(100, undefined, { ref: false });
    if (this.#closed || !this.#ready) return;
    this.#options.log?.('chain_moving', { endpoint: this.endpoint, to: url });
    this.#endpoints.want(url);
    const left = this.#provider;
    this.#leave();
    // Not before: what it still answers is of use, and the farewell of a silent endpoint takes long.
    await left.disconnect();
  }

  #attempt = 0;

  #wake(): void {
    if (this.#ready) this.#attempt = 0;
    for (const callback of [...this.#waiting]) callback();
  }

  async #untilReady(deadline: number): Promise<void> {
    while (!this.#ready) {
      const leftMs = deadline - Date.now();
      if (leftMs <= 0 || this.#closed) {
        throw fail('OST_CHAIN_UNREACHABLE', {
          endpoints: this.#options.endpoints.join(', '),
          reason: this.#closed ? 'the client is closed' : this.#lastError,
        });
      }
      await new Promise<void>((resolve) => {
        const done = () => {
          clearTimeout(timer);
          this.#waiting.delete(done);
          resolve();
        };
        const timer = setTimeout(done, leftMs);
        this.#waiting.add(done);
      });
    }
  }

  async #bounded<T>(method: string, promise: Promise<T>, deadline: number): Promise<T> {
    const timeoutMs = this.#options.timeoutMs;
    return abandonAfter(promise, Math.max(1, deadline - Date.now()), () =>
      fail('OST_CHAIN_TIMEOUT', { endpoint: this.endpoint, method, timeoutMs }),
    );
  }
}

/** Node's WebSocket often fails with an error that has no text; it then was refused or broken off. */
function errorText(event: unknown): string {
  if (event instanceof Error) return event.message === '' ? 'it does not answer' : event.message;
  if (typeof event !== 'object' || event === null) return 'it does not answer';
  if ('message' in event && typeof event.message === 'string' && event.message !== '') return event.message;
  return 'error' in event ? errorText(event.error) : 'it does not answer';
}
