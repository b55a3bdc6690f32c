import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cachedCliPath } from '../../temporal/cache.ts';
import { findTemporalCli } from '../../temporal/cli-binary.ts';
import { isAtLeast } from '../../temporal/cli-version.ts';
import { temporaryFolders } from '../setup/processes.ts';
import { fakeCli, writeProgram } from '../setup/programs.ts';

const folder = temporaryFolders();

describe('the search for the Temporal CLI', () => {
  test('takes TEMPORAL_CLI_PATH before PATH before the cache', () => {
    const [wished, onPath, cache] = [folder(), folder(), folder()];
    const environment = { XDG_CACHE_HOME: cache, PATH: onPath };
    expect(findTemporalCli(environment)).toBeUndefined();
    const cached = fakeCli(cachedCliPath(environment), '1.8.2');
    expect(findTemporalCli(environment)).toEqual({ path: cached, version: '1.8.2', origin: 'cache' });
    const found = fakeCli(join(onPath, 'temporal'), '1.9.0-time-skipping');
    expect(findTemporalCli(environment)).toEqual({ path: found, version: '1.9.0-time-skipping', origin: 'PATH' });
    const path = fakeCli(join(wished, 'my-temporal'), '1.5.0');
    expect(findTemporalCli({ ...environment, TEMPORAL_CLI_PATH: path })).toMatchObject({
      path,
      origin: 'TEMPORAL_CLI_PATH',
    });
  });

  test('passes over a program on PATH that is too old or is something else', () => {
    const [old, other, cache] = [folder(), folder(), folder()];
    fakeCli(join(old, 'temporal'), '1.4.9');
    writeProgram(join(other, 'temporal'), 'echo "temporal logic checker 2.0"');
    for (const PATH of [old, other]) expect(findTemporalCli({ PATH, XDG_CACHE_HOME: cache })).toBeUndefined();
  });

  test.each([
    ['is not there', (path: string) => path],
    ['is too old', (path: string) => fakeCli(path, '1.4.1')],
  ])('does not pass over a TEMPORAL_CLI_PATH that %s', (_what, make) => {
    const path = make(join(folder(), 'temporal'));
    expect(() => findTemporalCli({ TEMPORAL_CLI_PATH: path, PATH: '/nowhere' })).toThrow(`names ${path}`);
  });

  test('ignores an empty TEMPORAL_CLI_PATH and a cache folder that is not absolute', () => {
    const home = folder();
    expect(cachedCliPath({ XDG_CACHE_HOME: 'relative', HOME: home })).toBe(cachedCliPath({ HOME: home }));
    expect(findTemporalCli({ TEMPORAL_CLI_PATH: '', PATH: '', HOME: home })).toBeUndefined();
  });
});

test('versions are ordered by number, part by part', () => {
  const part = fc.nat({ max: 40 });
  const version = fc.tuple(part, part, part);
  fc.assert(
    fc.property(version, version, (a, b) => {
      const difference = a.map((number, index) => number - (b[index] ?? 0)).find((each) => each !== 0) ?? 0;
      expect(isAtLeast(a.join('.'), b.join('.'))).toBe(difference >= 0);
    }),
  );
  expect(isAtLeast('1.5', '1.5.0')).toBe(true);
  expect(isAtLeast('1.10', '1.9.3')).toBe(true);
});
