import { test } from '@jest/globals';

type Body = () => void | Promise<void>;

/**
 * A test for machines that can run it: `testIf(hasDocker, 'no Docker here')('starts a container', async () => …)`.
 * Where it is skipped, the reporter prints the reason, and CI allows it only if test/allowed-skips.json lists it.
 */
export const testIf =
  (condition: boolean, reason: string) =>
  (name: string, body: Body, timeoutMs?: number): void => {
    if (condition) test(name, body, timeoutMs);
    else test.skip(`${name} [skipped: ${reason}]`, body, timeoutMs);
  };
