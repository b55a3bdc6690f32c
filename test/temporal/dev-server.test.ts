import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { startDevServer, stopDevServer } from '../../temporal/dev-server.ts';
import { isHealthy } from '../../temporal/health.ts';
import { testVariable } from '../setup/environment.ts';
import { temporaryFolders } from '../setup/processes.ts';
import { writeProgram } from '../setup/programs.ts';

const newFolder = temporaryFolders();

/** What a server says whose own choice of a port was taken before it could listen there. */
const panic = `
  echo 'panic: listen tcp 127.0.0.1:40123: bind: address already in use' >&2
  echo 'goroutine 1 [running]:' >&2
  for line in 1 2 3 4 5 6 7 8; do echo "	github.com/temporalio/cli/cmd/temporal/main.go:$line" >&2; done
  exit 2`;

test('a server that lost a port of its own to somebody else is started again', async () => {
  const folder = newFolder();
  const once = join(folder, 'once');
  const binary = writeProgram(
    join(folder, 'temporal'),
    `if [ ! -e "${once}" ]; then touch "${once}"; ${panic}; fi; exec "${testVariable('cli')}" "$@"`,
  );
  const server = await startDevServer({ binary, logFile: join(folder, 'temporal.log') });
  try {
    expect(existsSync(once)).toBe(true);
    expect(await isHealthy({ address: server.address }, 5_000)).toBe(true);
  } finally {
    await stopDevServer(server);
  }
});

test('one that panics each time is refused with its own first words, not with its stack', async () => {
  const folder = newFolder();
  const starts = join(folder, 'starts');
  const binary = writeProgram(join(folder, 'temporal'), `echo start >> "${starts}"; ${panic}`);
  await expect(startDevServer({ binary, logFile: join(folder, 'temporal.log') })).rejects.toMatchObject({
    code: 'OST_TEMPORAL_START_FAILED',
    message: expect.stringMatching(/exit code 2\. panic: listen tcp 127\.0\.0\.1:40123: bind: address already in use/),
  });
  expect(readFileSync(starts, 'utf8').trim().split('\n')).toHaveLength(3);
});
