import { createRequire, registerHooks } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { jestGlobals } from './jest-globals-key.ts';
import type NodeEnvironment from './node-environment.ts';

/** jest-circus keeps its handlers under it from one load to the next. */
const circusHandlers = Symbol.for('EVENT_HANDLERS');
const testFile = 'test-file';
const tests = new URL('..', import.meta.url).href;
const globalsUrl = new URL('jest-globals.ts', import.meta.url).href;
const require = createRequire(import.meta.url);

/** What lies under test/ belongs to the test file that asks for it: its hooks and its state are that file's own. */
function ownedBy(id: string, url: string): string {
  if (!url.startsWith(tests)) return url;
  const owned = new URL(url);
  owned.searchParams.set(testFile, id);
  return owned.href;
}

registerHooks({
  resolve: (specifier, context, next) => {
    const { parentURL = '' } = context;
    const id = parentURL.startsWith(tests) ? new URL(parentURL).searchParams.get(testFile) : null;
    if (id === null) return next(specifier, context);
    if (specifier === '@jest/globals')
      return { url: ownedBy(id, globalsUrl), format: 'module-typescript', shortCircuit: true };
    const found = next(specifier, context);
    return { ...found, url: ownedBy(id, found.url) };
  },
});

/**
 * The same in every run, or Node's compile cache would never know a module again and would grow with each run. In watch
 * mode a worker may see a file twice.
 */
const idOf = (() => {
  const loads = new Map<string, number>();
  return (path: string): string => {
    const load = (loads.get(path) ?? 0) + 1;
    loads.set(path, load);
    const name = path.slice(fileURLToPath(tests).length);
    return load === 1 ? name : `${name} ${load}`;
  };
})();

/**
 * jest-worker stops listening when it is told to end, and would then wait for timers that libraries leave behind (rxjs
 * holds a subscription for 1.75 s after its end). In a run without workers nobody listens.
 */
if (process.listenerCount('message') > 0) {
  setInterval(() => process.listenerCount('message') === 0 && process.exit(), 100).unref();
}

/**
 * Loads test files by Node itself instead of by jest-runtime: modules are compiled, cached and run as in production, and
 * a worker loads each package and each source file once, not once for each of hundreds of test files. That is sound
 * because no module of Ostinato keeps state. docs/contributing.md has what it is worth.
 */
export default class NodeRuntime {
  readonly #environment: NodeEnvironment;

  constructor(_config: unknown, environment: NodeEnvironment) {
    this.#environment = environment;
  }

  unstable_shouldLoadAsEsm(): boolean {
    return true;
  }

  async unstable_importModule(path: string): Promise<void> {
    await import(ownedBy(idOf(path), pathToFileURL(path).href));
  }

  requireModule(path: string): unknown {
    return require(path);
  }

  /** jest-circus holds the tests of one file; it is loaded anew for the next. */
  requireInternalModule(path: string): unknown {
    delete require.cache[path];
    Reflect.deleteProperty(globalThis, circusHandlers);
    return require(path);
  }

  setGlobalsForRuntime(globals: object): void {
    Reflect.set(globalThis, jestGlobals, { ...globals, jest: this.#environment.moduleMocker });
  }

  enterTestCode(): void {}

  leaveTestCode(): void {}

  /** Node strips types in place: lines and columns are the file's own. */
  getSourceMaps(): null {
    return null;
  }

  getAllCoverageInfoCopy(): undefined {}

  teardown(): void {}
}
