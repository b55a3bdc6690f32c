import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import type { CycleReport } from '../../cli/demo/report.ts';
import { projectRoot } from '../../config/paths.ts';
import { testVariable } from '../setup/environment.ts';
import { testIf } from '../setup/test-if.ts';
import { baseImageObstacle, makeBaseImage } from './base-image.ts';
import { docker, dockerAnswers, exists, run } from './docker.ts';

const obstacle = dockerAnswers() ? baseImageObstacle() : 'no Docker engine answers here';
const testHere = testIf(obstacle === undefined, obstacle ?? '');

const image = 'ostinato-test:latest';
const label = 'ostinato.test=image';
/** Where nothing is cached: a Debian, and all dependencies. */
const buildTimeoutMs = 15 * 60_000;
const runTimeoutMs = 6 * 60_000;
const stopSeconds = 60;

describe('the image', () => {
  const containers: string[] = [];
  let reports = '';

  beforeAll(async () => {
    if (obstacle !== undefined) return;
    reports = mkdtempSync(join(tmpdir(), 'ostinato-image-'));
    chmodSync(reports, 0o777);
    const base = await makeBaseImage();
    // The network is for npm. The layers below the sources are the engine's to keep, so the next build is short.
    const options = ['--network', 'host', '--build-arg', `BASE_IMAGE=${base}`, '--label', label, '--tag', image];
    await docker('build', ...options, projectRoot);
    await run('docker', 'image', 'prune', '--force', '--filter', `label=${label}`);
  }, buildTimeoutMs);

  afterAll(async () => {
    for (const container of containers) await run('docker', 'rm', '--force', '--volumes', container);
    if (reports !== '') rmSync(reports, { recursive: true, force: true });
  }, 120_000);

  /** A container with as few rights as docker-compose.yml gives, and nothing to reach but itself. */
  async function create(options: readonly string[], ...args: readonly string[]): Promise<string> {
    const rights = ['--read-only', '--tmpfs', '/tmp', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges:true'];
    const binary = ['--volume', `${testVariable('cli')}:/opt/temporal:ro`, '--env', 'TEMPORAL_CLI_PATH=/opt/temporal'];
    const all = [...options, '--network', 'none', ...rights, ...binary, '--volume', `${reports}:/report`];
    const container = await docker('create', ...all, image, 'demo', '--plain', ...args);
    containers.push(container);
    return container;
  }

  const volumesOf = async (container: string): Promise<readonly string[]> => {
    const names = await docker('inspect', '--format', '{{range .Mounts}}{{.Name}} {{end}}', container);
    return names.split(' ').filter((name) => name !== '');
  };

  /** The engine removes them a moment after the end. */
  async function expectGone(container: string, volumes: readonly string[]): Promise<void> {
    const left = async () => [
      ...((await exists('container', container)) ? [container] : []),
      ...(await Promise.all(volumes.map(async (name) => ((await exists('volume', name)) ? [name] : [])))).flat(),
    ];
    for (let tries = 0; tries < 20 && (await left()).length > 0; tries += 1) await sleep(500);
    expect(await left()).toEqual([]);
  }

  testHere(
    'runs a cycle of the demo to its score, read-only, without root and without network, and ends in order when asked to',
    async () => {
      // Other tests have the same two cores; blocks that take a little longer leave every phase its time.
      const sizes = ['--miners', '1', '--steps', '24', '--block-time', '1500ms'];
      const container = await create([], ...sizes, '--report', '/report/report.json');
      const volumes = await volumesOf(container);
      expect(volumes).toHaveLength(1);
      // What a first start would make anew is in the volume before it.
      for (const made of ['bundles', 'resolved']) {
        await docker('cp', `${container}:/data/cache/ostinato/${made}`, join(reports, made));
        expect(readdirSync(join(reports, made))).toHaveLength(1);
      }
      await docker('start', container);
      const words = () => docker('logs', container);
      while (!(await words()).includes('Cycle 0 finished')) {
        expect(await docker('inspect', '--format', '{{.State.Running}}', container)).toBe('true');
        await sleep(1000);
      }

      await docker('stop', '--time', String(stopSeconds), container);

      // One that had to be killed ends with 137.
      expect(await docker('inspect', '--format', '{{.State.ExitCode}}', container)).toBe('0');
      const said = await words();
      for (const name of ['validator', 'server', 'bob']) {
        expect(said).toMatch(new RegExp(`^${name} +Stopping`, 'm'));
      }
      // Temporal is the last to go: a worker that has lost it waits in vain until its time is up.
      expect(said).not.toContain('did not end in its time');
      const file = join(reports, 'report.json');
      const { cycles } = JSON.parse(readFileSync(file, 'utf8')) as { readonly cycles: readonly CycleReport[] };
      expect(cycles.map(({ result }) => result)).toEqual(['completed']);
      expect(cycles.flatMap(({ submissions }) => submissions.map(({ w }) => w ?? 0)).some((w) => w > 0)).toBe(true);
      expect(statSync(file).uid).toBe(10001);
      await docker('rm', '--volumes', container);
      await expectGone(container, volumes);
    },
    runTimeoutMs,
  );
});
