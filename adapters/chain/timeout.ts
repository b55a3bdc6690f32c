/**
 * Settles like `promise`, or rejects after `timeoutMs`. The work itself goes on unseen; its late failure is swallowed,
 * since nobody is left to hear of it.
 */
export async function abandonAfter<T>(
  promise: Promise<T>,
  timeoutMs: number,
  error: () => Error = () => new Error(`not done within ${timeoutMs} ms`),
): Promise<T> {
  promise.catch(() => undefined);
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(error()), timeoutMs);
  });
  try {
    return await Promise.race([promise, over]);
  } finally {
    clearTimeout(timer);
  }
}
