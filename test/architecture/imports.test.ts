import { isBuiltin } from 'node:module';
import { describe, expect, test } from '@jest/globals';
import { complaints, loadedBy, shortCuts, targetOf } from './arrows.ts';
import { parseSource, sourceFiles } from './source-file.ts';

const files = sourceFiles();

describe('the arrows of the design', () => {
  test('are found to be tested on all layers', () => {
    const layers = new Set(files.map(({ path }) => path.split('/')[0]));
    for (const layer of ['domain', 'config', 'workflows', 'activities', 'adapters', 'temporal', 'cli', 'test']) {
      expect(layers).toContain(layer);
    }
  });

  test('are kept by every file', () => {
    expect(files.flatMap(complaints)).toEqual([]);
  });

  test('hold through all that workflows load: no Node built-in, no zod, no effect', () => {
    const start = files.filter(({ path }) => path.startsWith('workflows/'));
    const loaded = [...loadedBy(start, files)];
    expect(loaded.filter((name) => isBuiltin(name))).toEqual([]);
    const allowed = /^(?:domain|workflows)\/|^temporal\/(?:ids|presets|search-attribute-keys|failures)\.ts$/;
    const packages = /^@noble\/hashes\/|^@temporalio\/(?:workflow|common)$/;
    expect(loaded.filter((name) => !allowed.test(name) && !packages.test(name))).toEqual([]);
  });

  test('hold through all that the bootstrap loads: it installs the packages, so it has none', () => {
    const start = files.filter(({ path }) => path.startsWith('bin/'));
    const ours = new Set([...files.map(({ path }) => path), 'bin/node24.mjs']);
    const others = [...loadedBy(start, files)].filter((name) => !isBuiltin(name) && !ours.has(name));
    expect(start.length).toBeGreaterThan(0);
    expect(others).toEqual([]);
  });
});

describe('a file that goes against them is caught:', () => {
  test.each([
    ['a built-in in the domain', 'domain/a.ts', "import { join } from 'node:path';"],
    ['a built-in without its prefix', 'workflows/a.ts', "import fs from 'fs';"],
    ['a library in the domain', 'domain/a.ts', "import { z } from 'zod';"],
    ['zod in a workflow', 'workflows/a.ts', "import type { z } from 'zod';"],
    ['another layer in the domain', 'domain/errors/a.ts', "import type { Config } from '../../config/load.ts';"],
    ['an adapter in a workflow', 'workflows/a.ts', "import type { Store } from '../adapters/artifacts/store.ts';"],
    ['more than types of activities', 'workflows/a.ts', "import { evaluate } from '../activities/evaluate.ts';"],
    ['activities that are imported for effect', 'workflows/a.ts', "import '../activities/evaluate.ts';"],
    ['another file of temporal/', 'workflows/a.ts', "import { connect } from '../temporal/connect.ts';"],
    ['configuration at work in an adapter', 'adapters/a/b.ts', "import { loadConfig } from '../../config/load.ts';"],
    ['a workflow in an activity', 'activities/a.ts', "import { cycle } from '../workflows/cycle.ts';"],
    ['the command line in a server', 'server/a.ts', "import { main } from '../cli/main.ts';"],
    ['the embedded chain in a worker', 'workers/a.ts', "import { startChain } from '../devnet/chain/start.ts';"],
    ['an adapter in the embedded chain', 'devnet/a.ts', "import { client } from '../adapters/chain/client.ts';"],
    ['a test in the program', 'adapters/a.ts', "import { workingDirectory } from '../test/config/folder.ts';"],
    ['a re-export', 'domain/a.ts', "export { join } from 'node:path';"],
    ['a re-export of everything', 'domain/a.ts', "export * from '../config/load.ts';"],
    ['a dynamic import', 'workflows/a.ts', "export const load = async () => import('node:fs');"],
    ['a require', 'workflows/a.ts', "export const fs: unknown = require('node:fs');"],
    ['an import type', 'domain/a.ts', "export type S = import('../adapters/a.ts').S;"],
    ['a missing extension', 'domain/a.ts', "import { blocks } from './units';"],
    ['a folder that the design does not know', 'utils/a.ts', "import { blocks } from '../domain/units.ts';"],
  ])('%s', (_, path, text) => {
    expect(complaints(parseSource(path, text))).toHaveLength(1);
  });

  test.each([
    ['types of activities in a workflow', 'workflows/a.ts', "import type { A } from '../activities/a.ts';"],
    ['the same, name by name', 'workflows/a.ts', "import { type A, type B } from '../activities/a.ts';"],
    ['hashes in the domain', 'domain/a.ts', "import { sha256 } from '@noble/hashes/sha2.js';"],
    ['a neighbour', 'domain/errors/a.ts', "import { blocks } from '../units.ts';"],
    [
      'an import that is only spoken of',
      'domain/a.ts',
      "// import fs from 'node:fs';\nexport const a = \"import 'fs'\";",
    ],
  ])('but not %s', (_, path, text) => {
    expect(complaints(parseSource(path, text))).toEqual([]);
  });

  test('what hides behind an allowed file is found, too', () => {
    const workflow = parseSource('workflows/a.ts', "import { ids } from '../temporal/ids.ts';");
    const hidden = parseSource('temporal/ids.ts', "import { randomUUID } from 'node:crypto';");
    expect(loadedBy([workflow], [workflow, hidden])).toContain('node:crypto');
  });
});

describe('the validator and the miner', () => {
  test('share no code of their own: chain and HTTP are all that they have in common', () => {
    expect(files.flatMap(shortCuts)).toEqual([]);
  });

  test.each([
    ['activities', 'activities/miner/a.ts', "import type { Losses } from '../submission/activities.ts';"],
    ['workflows', 'workflows/cycle/a.ts', "import { distribute } from '../miner/distribute.ts';"],
    ['the model server', 'workers/miner.ts', "import { buildModelServer } from '../server/model/server.ts';"],
  ])('a short cut through %s is caught', (_, path, text) => {
    expect(shortCuts(parseSource(path, text))).toHaveLength(1);
  });
});

test('keys are loaded by the signing worker and by nobody else', () => {
  const loaders = files
    .filter(({ path }) => !path.startsWith('test/'))
    .filter(({ path, imports }) =>
      imports.some(({ specifier, typeOnly }) => !typeOnly && targetOf(path, specifier) === 'adapters/wallet/load.ts'),
    );
  expect(loaders.map(({ path }) => path)).toEqual(['workers/signing/main.ts']);
});
