import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { workflowBundle } from '../../workers/bundle.ts';
import { testVariables } from './environment.ts';
import { startTestServer } from './server.ts';

/** Once for the whole run: a Temporal server of its own and the workflow bundle. */
export default async function globalSetup(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'ostinato-test-'));
  process.env[testVariables.folder] = folder;
  const [server, bundle] = await Promise.all([
    startTestServer(folder),
    // Tests that need no workflow still run where the workflows do not bundle; those that do fail with this message.
    workflowBundle().catch((error: unknown) => ({ error: String(error) })),
  ]);
  process.env[testVariables.address] = server.address;
  process.env[testVariables.cli] = server.cli;
  if ('codePath' in bundle) process.env[testVariables.bundle] = bundle.codePath;
  else process.env[testVariables.bundleError] = bundle.error;
}
