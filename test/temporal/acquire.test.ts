import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { acquireTemporalCli } from '../../temporal/acquire.ts';
import { buildTemporalCli } from '../../temporal/build.ts';
import { cachedCliPath, cliCacheFolder } from '../../temporal/cache.ts';
import { findTemporalCli } from '../../temporal/cli-binary.ts';
import { scripts, source, temporaryFolders } from '../setup/processes.ts';
import { fakeGo, writeProgram } from '../setup/programs.ts';

const folder = temporaryFolders();
const run = scripts();
const SYSTEM = '/usr/bin:/bin';

/** A machine with that Go and nothing else of what is looked for. */
function machine(go: Parameters<typeof fakeGo>[1] = {}) {
  const tools = fakeGo(folder(), go);
  // No other source may be tried: a python3 that cannot do it stands before the system's.
  writeProgram(join(tools, 'python3'), 'echo "no module named venv" >&2; exit 1');
  const environment = { PATH: `${tools}:${SYSTEM}`, XDG_CACHE_HOME: folder(), HOME: tools };
  const said: string[] = [];
  const builds = (): readonly string[] =>
    existsSync(join(tools, 'builds')) ? readFileSync(join(tools, 'builds'), 'utf8').trim().split('\n') : [];
  return { environment, said, builds, say: (line: string) => said.push(line) };
}

const acquire = ({ environment, say }: ReturnType<typeof machine>, signal?: AbortSignal) =>
  acquireTemporalCli({ environment, say, ...(signal === undefined ? {} : { signal }) }, [buildTemporalCli]);

describe('a Temporal CLI that is not on the machine', () => {
  test('is built once into the cache, with the Go that is there and without a C compiler', async () => {
    const here = machine();
    const cli = await acquire(here);
    expect(cli).toEqual({ path: cachedCliPath(here.environment), version: '1.8.2', origin: 'cache' });
    expect(here.builds()).toEqual([expect.stringMatching(/^local 0 .*temporal\/cli$/)]);
    expect(here.said.join('\n')).toMatch(/Building Temporal CLI 1\.8\.2 \(5 to 9 minutes/);
    await acquire(here);
    expect(here.builds()).toHaveLength(1);
  });

  test('is built once where two processes want it at the same time', async () => {
    const here = machine({ seconds: 1 });
    const script = `
      const { acquireTemporalCli } = await import('${source('temporal/acquire.ts')}');
      const { buildTemporalCli } = await import('${source('temporal/build.ts')}');
      const environment = JSON.parse(process.argv[1]);
      console.log((await acquireTemporalCli({ environment, say: () => {} }, [buildTemporalCli])).path);
    `;
    const both = [0, 1].map(() => run(script, JSON.stringify(here.environment)));
    const path = cachedCliPath(here.environment);
    expect(await Promise.all(both.map(({ line }) => line()))).toEqual([path, path]);
    expect(here.builds()).toHaveLength(1);
  });

  test('leaves nothing half-made in the cache when its build is interrupted', async () => {
    const here = machine({ seconds: 60 });
    const interruption = new AbortController();
    const attempt = acquire(here, interruption.signal);
    const failure = expect(attempt).rejects.toMatchObject({ code: 'OST_TEMPORAL_NO_BINARY' });
    while (here.builds().length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    interruption.abort();
    await failure;
    expect(findTemporalCli(here.environment)).toBeUndefined();
    expect(readdirSync(cliCacheFolder(here.environment)).filter((name) => !name.startsWith('making.lock'))).toEqual([]);
  });

  test.each([
    ['the Go is too old', { version: '1.26.3' }, 'Go 1.26.3 on PATH is older than 1.26.4'],
    ['the build breaks', { build: 'echo "no space left on device" >&2; exit 1' }, 'no space left on device'],
  ])('is answered by one error with all that was tried and the ways out where %s', async (_what, go, reason) => {
    const here = machine(go);
    const attempt = acquire(here);
    await expect(attempt).rejects.toMatchObject({ code: 'OST_TEMPORAL_NO_BINARY' });
    await expect(attempt).rejects.toThrow(reason);
    await expect(attempt).rejects.toMatchObject({
      todo: expect.stringMatching(/PATH.*TEMPORAL_CLI_PATH.*Go 1\.26\.4.*python3.*TEMPORAL_ADDRESS/),
    });
  });
});
