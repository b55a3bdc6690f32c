import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { historyFromJSON, historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import proto from '@temporalio/proto';

const ROOT = join(import.meta.dirname, '../..');

interface LockedPackage {
  readonly version?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const locked = (): readonly (readonly [string, LockedPackage])[] => {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, LockedPackage>>;
  };
  return Object.entries(packages);
};

/** What the traps of these libraries cost somebody once; each is one assertion now. */
describe('the installation', () => {
  test('reads a history back from the JSON that it wrote', () => {
    const { EventType } = proto.temporal.api.enums.v1;
    const text = JSON.stringify({
      events: [
        {
          eventId: '1',
          eventTime: '2026-01-02T03:04:05.000000006Z',
          eventType: 'EVENT_TYPE_WORKFLOW_EXECUTION_STARTED',
          workflowExecutionStartedEventAttributes: {
            workflowType: { name: 'CycleWorkflow' },
            input: { payloads: [{ metadata: { encoding: 'anNvbi9wbGFpbg==' }, data: 'eyJuZXR1aWQiOjF9' }] },
          },
        },
      ],
    });
    const history = historyFromJSON(JSON.parse(text));
    const [event] = history.events ?? [];
    expect(event?.eventType).toBe(EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED);
    expect(event?.workflowExecutionStartedEventAttributes?.workflowType?.name).toBe('CycleWorkflow');
    expect(JSON.parse(historyToJSON(history))).toEqual(JSON.parse(text));
  });

  test('has one version of every Temporal package, and one protobufjs for all of them', () => {
    const temporal = locked().filter(([path]) => /(^|\/)node_modules\/@temporalio\/[^/]+$/.test(path));
    expect(temporal.length).toBeGreaterThan(8);
    const inLock = new Set(temporal.map(([, { version }]) => version));
    const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      readonly dependencies: Readonly<Record<string, string>>;
    };
    expect([...inLock]).toEqual([dependencies['@temporalio/workflow']]);
    const inModules = temporal
      .map(([path]) => join(ROOT, path, 'package.json'))
      .filter((path) => existsSync(path))
      .map((path) => String((JSON.parse(readFileSync(path, 'utf8')) as LockedPackage).version));
    expect([...new Set(inModules)]).toEqual([dependencies['@temporalio/workflow']]);

    const from = (path: string): string => createRequire(join(ROOT, path)).resolve('protobufjs');
    const own = from('package.json');
    expect(temporal.map(([path]) => from(join(path, 'package.json'))).filter((path) => path !== own)).toEqual([]);
  });

  test('pins every direct dependency to one version', () => {
    const { dependencies, devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      readonly [key: string]: Readonly<Record<string, string>>;
    };
    const ranges = Object.entries({ ...dependencies, ...devDependencies }).filter(
      ([, version]) => !/^\d+\.\d+\.\d+$/.test(version),
    );
    expect(ranges).toEqual([]);
  });

  test('names in the lock file what an installation on any platform needs, so that npm ci works from it alone', () => {
    const paths = new Set(locked().map(([path]) => path));
    const lacking = locked().flatMap(([, { optionalDependencies }]) =>
      Object.keys(optionalDependencies ?? {}).filter(
        (name) => ![...paths].some((path) => path.endsWith(`node_modules/${name}`)),
      ),
    );
    expect(lacking).toEqual([]);
  });
});

test('a bad duration does not compile, and a good one does', () => {
  const tsc = join(ROOT, 'node_modules', '.bin', 'tsc');
  const { status, stdout } = spawnSync(tsc, ['-p', join(ROOT, 'test', 'types')], { encoding: 'utf8', cwd: ROOT });
  expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
});
