import { readFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { bundleWorkflows } from '../../workers/bundle.ts';
import { testVariable } from '../setup/environment.ts';

/** 263 today: merging, agreement and scores are decided in workflows, and some of it is the SHA-256 of what is signed. */
const MOST_KB = 400;
/** What the sandbox shims; everything else of Node would fail at run time. */
const SHIMMED = new Set(['assert', 'url', 'util']);

let empty: string;
let bundle: string;

beforeAll(async () => {
  empty = await bundleWorkflows(join(import.meta.dirname, 'empty-workflow.ts'));
  bundle = await readFile(testVariable('bundle'), 'utf8');
});

const SOURCE_MAP = /\/\/# sourceMappingURL=data:application\/json;[^,]*base64,([A-Za-z0-9+/=]+)/;

/** The JavaScript that every cached workflow evaluates; the source map beside it is read once per worker. */
const codeKB = (code: string): number => Buffer.byteLength(code.replace(SOURCE_MAP, '')) / 1000;

/** The source files that went into a bundle, from its inline source map. */
function sources(code: string): readonly string[] {
  const encoded = SOURCE_MAP.exec(code)?.[1] ?? '';
  const { sources: names } = JSON.parse(Buffer.from(encoded, 'base64').toString('utf8')) as {
    readonly sources: readonly string[];
  };
  return names;
}

describe('the workflow bundle', () => {
  test(`is at most ${MOST_KB} KB larger than an empty workflow’s: each cached workflow holds its own copy`, () => {
    expect(codeKB(bundle) - codeKB(empty)).toBeLessThanOrEqual(MOST_KB);
  });

  test('holds no zod, no chain client, no adapter and no activity', () => {
    const names = sources(bundle);
    expect(names.length).toBeGreaterThan(sources(empty).length);
    const foreign =
      /node_modules\/(?:zod|@polkadot|kysely|better-sqlite3|fastify|pino|undici)\b|\/(?:adapters|activities|config|server|cli|devnet)\/[^?]*\.ts/;
    expect(names.filter((name) => foreign.test(name))).toEqual([]);
  });

  test('holds no Node built-in but those that the sandbox replaces', () => {
    const externals = sources(bundle)
      .map((name) => /external (?:commonjs |node-commonjs )?"?(?:node:)?([a-z_/]+)"?/.exec(name)?.[1])
      .filter((name) => name !== undefined);
    expect(externals.filter((name) => builtinModules.includes(name) && !SHIMMED.has(name))).toEqual([]);
  });
});
