import { testVariable } from './environment.ts';
import { stopTestServer } from './server.ts';

/** Ends what the global set-up started. */
export default async function globalTeardown(): Promise<void> {
  await stopTestServer(testVariable('folder'));
}
