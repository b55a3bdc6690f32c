/**
 * Iterates until a signal fires, even where the source is stuck in the middle of a step: a generator that waits cannot
 * be asked to return before its wait is over.
 */
export async function* interruptible<T>(source: AsyncIterable<T>, signal?: AbortSignal): AsyncGenerator<T> {
  const iterator = source[Symbol.asyncIterator]();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal?.reason);
  aborted.catch(() => undefined);
  if (signal?.aborted === true) abort();
  signal?.addEventListener('abort', abort, { once: true });
  let finished = false;
  try {
    for (;;) {
      const step = await Promise.race([iterator.next(), aborted]);
      if (step.done === true) {
        finished = true;
        return;
      }
      yield step.value;
    }
  } finally {
    signal?.removeEventListener('abort', abort);
    // Not waited for: it settles only when the source's own step does.
    if (!finished) iterator.return?.().catch(() => undefined);
  }
}
