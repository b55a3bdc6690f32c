import { fail } from '../../domain/errors/error.ts';

/** A peer sends a handful of messages in a cycle and asks for them after each deadline; this is far above. */
const limit = { count: 240, windowMs: 60_000 };

/** Counts requests by their signer, so that one that runs wild does not cost the others their answers. */
export class PeerRate {
  readonly #seen = new Map<string, { start: number; count: number }>();

  /** @throws OST_PEER_TOO_MANY */
  count(hotkey: string, nowMs: number): void {
    const known = this.#seen.get(hotkey);
    const window = known === undefined || nowMs - known.start >= limit.windowMs ? { start: nowMs, count: 0 } : known;
    window.count += 1;
    this.#seen.set(hotkey, window);
    if (window.count > limit.count) {
      throw fail('OST_PEER_TOO_MANY', { hotkey, count: window.count, windowSeconds: limit.windowMs / 1000 });
    }
  }
}
