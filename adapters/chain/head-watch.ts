import type { ChainLog, Send } from './connection.ts';
import type { Endpoints } from './endpoints.ts';
import { quantity, record } from './json.ts';
import { probeHead } from './probe.ts';

export interface HeadWatchOptions {
  /** A head that stands still for so long is looked for elsewhere; a few block times. */
  readonly stallAfterMs: () => number;
  /** How often a preferred endpoint is looked at again while another is in use. */
  readonly returnAfterMs: number;
  readonly timeoutMs: number;
  readonly log?: ChainLog;
}

/** Blocks by which a preferred endpoint may lag behind the one in use: it is as good, and the two are asked in turn. */
const tolerableLag = 1;

/**
 * Watches that the endpoint in use moves on, and looks for a better one: another one that is ahead where its head
 * stands still, a preferred one that is back. A chain that stands still everywhere is no reason to move.
 */
export class HeadWatch {
  readonly #endpoints: Endpoints;
  readonly #options: HeadWatchOptions;
  readonly #ask: Send;
  readonly #move: (url: string) => void;
  #timer: NodeJS.Timeout | undefined;
  #ended = false;
  #height = 0;
  #movedOnAt = Date.now();
  #lookedAt = Date.now();

  /** `ask` asks the endpoint in use; `move` is told where to go. */
  constructor(endpoints: Endpoints, options: HeadWatchOptions, ask: Send, move: (url: string) => void) {
    this.#endpoints = endpoints;
    this.#options = options;
    this.#ask = ask;
    this.#move = move;
  }

  start(): void {
    if (this.#endpoints.urls.length > 1) this.#schedule();
  }

  stop(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
  }

  /** A new connection stands; what was seen of the former one says nothing of it. */
  reset(): void {
    this.#movedOnAt = Date.now();
    this.#lookedAt = Date.now();
  }

  #schedule(): void {
    if (this.#ended) return;
    const { stallAfterMs, returnAfterMs } = this.#options;
    const pauseMs = Math.max(50, Math.min(stallAfterMs() / 4, returnAfterMs / 2));
    this.#timer = setTimeout(() => {
      this.#look().then(
        () => this.#schedule(),
        () => this.#schedule(),
      );
    }, pauseMs);
    this.#timer.unref();
  }

  async #look(): Promise<void> {
    const { stallAfterMs, returnAfterMs, log } = this.#options;
    const height = await this.#ask('chain_getHeader', []).then(
      (header) => quantity(record(header, 'header')['number'], 'header number'),
      // One that does not answer stands still as well.
      () => this.#height,
    );
    const now = Date.now();
    if (height !== this.#height) {
      this.#height = height;
      this.#movedOnAt = now;
    }
    if (now - this.#movedOnAt >= stallAfterMs()) {
      this.#movedOnAt = now;
      log?.('chain_head_stalled', { endpoint: this.#endpoints.current, block: height });
      await this.#findAbove(this.#endpoints.others, height + 1);
    } else if (this.#endpoints.better.length > 0 && now - this.#lookedAt >= returnAfterMs) {
      this.#lookedAt = now;
      await this.#findAbove(this.#endpoints.better, height - tolerableLag);
    }
  }

  async #findAbove(urls: readonly string[], least: number): Promise<void> {
    for (const url of urls) {
      const height = await probeHead(url, this.#options.timeoutMs);
      if (this.#ended) return;
      if (height !== null && height >= least) {
        this.#move(url);
        return;
      }
    }
  }
}
