import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { allVariables } from '../../config/fields.ts';
import { projectRoot } from '../../config/paths.ts';
import { isProgramVariable } from '../../config/program-variables.ts';
import { composeFile, dockerfile, withDefaults } from './compose-file.ts';

const services = Object.entries(composeFile.services);

describe('docker-compose.yml', () => {
  // The schema's parts name themselves by draft 4's "id", which later drafts refuse; its formats are told to people.
  const withoutId = (key: string, value: unknown): unknown =>
    key === 'id' && typeof value === 'string' ? undefined : value;
  const text = readFileSync(join(projectRoot, 'test/fixtures/compose-spec/compose-spec.json'), 'utf8');
  const schema = JSON.parse(text, withoutId) as Readonly<Record<string, unknown>>;
  const check = new Ajv2019({ strict: false, validateFormats: false }).compile(schema);

  test('keeps the Compose Specification', () => {
    check(composeFile);
    expect(check.errors ?? []).toEqual([]);
  });

  test.each([
    ['an unknown property', { services: { a: { image: 'b:1', imagee: 'c' } } }],
    ['a wrong condition', { services: { a: { image: 'b:1', depends_on: { c: { condition: 'soon' } } } } }],
    ['a health check of a wrong shape', { services: { a: { healthcheck: { tests: [] } } } }],
  ])('would be refused with %s', (_, file) => {
    expect(check(file)).toBe(false);
  });

  test('has the parts that it promises', () => {
    expect(Object.keys(composeFile.services)).toEqual([
      ...['postgres', 'temporal-schema', 'temporal', 'temporal-namespace', 'temporal-ui'],
      ...['config', 'validator', 'server'],
    ]);
  });

  test('waits for services that are there, in a way that they can answer', () => {
    for (const [, service] of services) {
      for (const [name, { condition }] of Object.entries(service.depends_on ?? {})) {
        const other = composeFile.services[name];
        expect(other).toBeDefined();
        if (condition === 'service_healthy') expect(other?.healthcheck).toBeDefined();
        // One that is restarted for ever never completes.
        if (condition === 'service_completed_successfully') expect(other?.restart).toMatch(/^on-failure:\d+$/);
      }
    }
  });

  test('has health checks for whatever runs on and is waited for', () => {
    for (const name of ['postgres', 'temporal', 'validator', 'server']) {
      expect(composeFile.services[name]?.healthcheck?.test[0]).toBe('CMD');
    }
  });

  test('pins every image of others, and never to a moving tag', () => {
    for (const [, { image, build }] of services) {
      const [, tag] = withDefaults(image ?? '').split(':');
      expect(tag).toBeDefined();
      expect(tag).not.toMatch(/latest|stable/);
      if (build === undefined) expect(tag).toMatch(/^\d+\.\d+/);
    }
  });

  test('keeps data in named volumes', () => {
    const used = services.flatMap(([, { volumes }]) => volumes ?? []);
    const named = used.filter((each) => typeof each === 'string').map((each) => each.split(':')[0] ?? '');
    expect(new Set(named)).toEqual(new Set(Object.keys(composeFile.volumes)));
    for (const each of used) if (typeof each !== 'string') expect(each.read_only).toBe(true);
  });

  test('lets nobody but Temporal reach the database, and publishes neither', () => {
    expect(composeFile.networks['database']?.internal).toBe(true);
    expect(composeFile.networks['private']?.internal).toBe(true);
    const near = services.filter(([, { networks }]) => networks?.includes('database')).map(([name]) => name);
    expect(near).toEqual(['postgres', 'temporal-schema', 'temporal']);
    const published = services.filter(([, { ports }]) => ports !== undefined).map(([name]) => name);
    expect(published).toEqual(['temporal-ui', 'server']);
    expect(composeFile.services['temporal-ui']?.ports?.[0]).toMatch(/^127\.0\.0\.1:/);
    for (const [, { networks }] of services) {
      for (const name of networks ?? []) expect(Object.keys(composeFile.networks)).toContain(name);
    }
  });

  test('points both processes of the validator at one directory, the one that config writes', () => {
    const { validator, server } = composeFile.services;
    const folder = withDefaults(validator?.command?.[2] ?? '');
    expect(folder).toBe('/data/checkpoints/validator/default/foundation');
    expect(server?.command).toEqual(['server', ...(validator?.command?.slice(1) ?? [])]);
    expect(validator?.healthcheck?.test.at(-1)).toBe(validator?.command?.[2]);
  });

  test('sets only variables that the configuration knows', () => {
    const names = services.flatMap(([, { environment }]) => Object.keys(environment ?? {}));
    for (const name of names.filter((each) => each.startsWith('OSTINATO_'))) expect(allVariables).toContain(name);
  });

  test('may get its own variables from the .env that the containers get, too', () => {
    const used = readFileSync(join(projectRoot, 'docker-compose.yml'), 'utf8').matchAll(/\$\{(OSTINATO_\w+)/g);
    for (const [, name] of used) expect(isProgramVariable(name ?? '')).toBe(true);
  });
});

describe('Dockerfile', () => {
  test('takes its base image as an argument, with the same default as docker-compose.yml', () => {
    const base = /^ARG BASE_IMAGE=(\S+)$/m.exec(dockerfile)?.[1];
    expect(dockerfile).toContain(`\nFROM \${BASE_IMAGE}\n`);
    expect(withDefaults(composeFile.services['validator']?.build?.args?.['BASE_IMAGE'] ?? '')).toBe(base);
    expect(base).not.toMatch(/alpine|latest/);
  });

  test('runs without root, through an init, in exec form', () => {
    expect(dockerfile).toMatch(/^USER (?!root)\w+$/m);
    expect(dockerfile).toMatch(/^ENTRYPOINT \["tini", "--", "node", /m);
    expect(dockerfile.lastIndexOf('\nUSER ')).toBeLessThan(dockerfile.indexOf('\nENTRYPOINT '));
  });

  test('is built without the secrets and the state of the machine', () => {
    const ignored = readFileSync(join(projectRoot, '.dockerignore'), 'utf8').split('\n');
    expect(ignored).toEqual(expect.arrayContaining(['.git', '.env', '.ostinato', 'checkpoints', '**/node_modules']));
  });
});
