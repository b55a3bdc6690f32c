/** Signals that ask a process to end in order. */
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** One Ctrl-C may arrive twice: from the terminal, and from npm, which passes it on. */
const echoMs = 1_000;

/**
 * Aborts on the first SIGINT, SIGTERM or SIGHUP, and ends the process at once on the second: who asks twice does not
 * want to wait, and nothing is lost by a kill.
 */
export function stopSignal(): AbortSignal {
  const controller = new AbortController();
  let firstMs = 0;
  for (const name of signals) {
    process.on(name, () => {
      if (controller.signal.aborted && Date.now() - firstMs > echoMs) process.exit(130);
      if (controller.signal.aborted) return;
      firstMs = Date.now();
      controller.abort();
    });
  }
  return controller.signal;
}

/** Resolves when the signal fires. */
export const aborted = (signal: AbortSignal): Promise<void> =>
  signal.aborted
    ? Promise.resolve()
    : new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
