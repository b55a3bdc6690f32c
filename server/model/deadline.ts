import type { IncomingMessage } from 'node:http';
import { fail } from '../../domain/errors/error.ts';

/** Ends an upload that takes too long or whose client has gone. */
export class Deadline {
  readonly #controller = new AbortController();
  readonly #request: IncomingMessage;
  readonly #timer: NodeJS.Timeout;

  constructor(request: IncomingMessage, timeoutMs: number) {
    this.#request = request;
    this.#timer = setTimeout(() => {
      this.#controller.abort(fail('OST_HTTP_UPLOAD_TOO_SLOW', { timeoutMs }));
    }, timeoutMs);
    request.once('close', this.#gone);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Ends it for another reason. */
  stop(reason: unknown): void {
    this.#controller.abort(reason);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#request.off('close', this.#gone);
  }

  readonly #gone = (): void => {
    const { complete, socket } = this.#request;
    if (!complete) this.#controller.abort(fail('OST_HTTP_UPLOAD_BROKEN', { bytes: socket.bytesRead }));
  };
}
