import { fail } from '../../../domain/errors/error.ts';
import { plainUrl } from './answer.ts';
import type { DownloadRequest } from './order.ts';

/**
 * Ends a transfer whose server drips: one that sends a byte now and then never looks dead, and holds a place that
 * others wait for.
 */
export function watchSpeed(order: DownloadRequest, progress: { readonly bytes: number }) {
  const { slowest, url } = order;
  if (slowest === undefined) return { signal: order.signal, [Symbol.dispose]: () => undefined };
  const slow = new AbortController();
  let before = 0;
  const timer = setInterval(() => {
    if (progress.bytes - before < slowest.bytes) {
      slow.abort(
        fail('OST_TRANSFER_SLOW', { url: plainUrl(url), bytes: progress.bytes - before, withinMs: slowest.withinMs }),
      );
    }
    before = progress.bytes;
  }, slowest.withinMs).unref();
  const signal = order.signal === undefined ? slow.signal : AbortSignal.any([slow.signal, order.signal]);
  return { signal, [Symbol.dispose]: () => clearInterval(timer) };
}
