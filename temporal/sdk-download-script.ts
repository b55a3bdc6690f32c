// Run as a process of its own by sdk-download.ts: downloads the development server into the folder that is given.
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { messageOf } from '../domain/errors/error.ts';
import { CLI_VERSION } from './cli-version.ts';

try {
  const environment = await TestWorkflowEnvironment.createLocal({
    server: {
      executable: { type: 'cached-download', downloadDir: String(process.argv[2]), version: `v${CLI_VERSION}` },
      log: { format: 'json', level: 'error' },
    },
  });
  // The download is all that was wanted; the SDK starts what it downloads.
  await environment.teardown();
} catch (error) {
  process.stderr.write(`${messageOf(error).split('\n')[0]}\n`);
  process.exitCode = 1;
}
