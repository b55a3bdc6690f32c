import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import type { ImportOf, SourceFile } from './source-file.ts';

/** Which way an import may go: whole, or types alone. */
type Reach = 'whole' | 'types';

interface Layer {
  /** Folders and files of ours beside its own folder. */
  readonly ours: Readonly<Record<string, Reach>>;
  /** Packages, by name or by scope (`@polkadot/`); left out, any. */
  readonly packages?: readonly string[];
  readonly builtins: boolean;
}

const shipped = ['domain', 'config', 'adapters', 'activities', 'workflows', 'temporal', 'server', 'workers'] as const;
const all = (folders: readonly string[]): Readonly<Record<string, Reach>> =>
  Object.fromEntries(folders.map((folder) => [folder, 'whole']));

/** design.md section 2: the arrows run one way. */
export const layers: Readonly<Record<string, Layer>> = {
  // The timelock module is arithmetic alone; whoever uses it reads its bytes.
  domain: { ours: {}, packages: ['@noble/hashes', '@ideallabs/timelock_wasm_wrapper'], builtins: false },
  config: { ours: { domain: 'whole' }, packages: ['zod', 'yaml'], builtins: true },
  adapters: { ours: { domain: 'whole', config: 'types' }, builtins: true },
  temporal: { ours: { domain: 'whole', config: 'types', adapters: 'whole' }, builtins: true },
  activities: {
    ours: { domain: 'whole', adapters: 'whole', config: 'types', 'temporal/ids.ts': 'whole' },
    builtins: true,
  },
  workflows: {
    ours: {
      domain: 'whole',
      'temporal/ids.ts': 'whole',
      'temporal/presets.ts': 'whole',
      'temporal/search-attribute-keys.ts': 'whole',
      'temporal/failures.ts': 'whole',
      activities: 'types',
    },
    packages: ['@temporalio/workflow', '@temporalio/common'],
    builtins: false,
  },
  server: { ours: all(shipped), builtins: true },
  workers: { ours: all(shipped), builtins: true },
  devnet: { ours: { domain: 'whole' }, builtins: true },
  cli: { ours: all([...shipped, 'devnet', 'models', 'test/fixtures']), builtins: true },
  models: { ours: all(['domain', 'adapters']), builtins: true },
  bench: { ours: all([...shipped, 'devnet', 'models', 'test']), builtins: true },
  bin: { ours: all(shipped), packages: [], builtins: true },
  scripts: { ours: all(shipped), builtins: true },
  test: { ours: all([...shipped, 'devnet', 'cli', 'models', 'bench', 'bin', 'scripts']), builtins: true },
};

/**
 * The two deployments of a training subnet. They meet on the chain and over HTTP and nowhere else: a short cut through
 * code or files would hold in the demo, where both are on one machine, and nowhere else.
 */
export const deployments: Readonly<Record<'validator' | 'miner', readonly string[]>> = {
  validator: [
    'activities/cycle',
    'activities/submission',
    'workflows/cycle',
    'workflows/cycle.ts',
    'workflows/submission',
    'workflows/submission.ts',
    'workers/validator.ts',
    'server/model',
  ],
  miner: ['activities/miner', 'workflows/miner', 'workflows/miner.ts', 'workers/miner.ts'],
};

/** Imports from one deployment into the other. */
export function shortCuts(file: SourceFile): readonly string[] {
  const side = (path: string) =>
    (['validator', 'miner'] as const).find((name) => deployments[name].some((each) => within(path, each)));
  const own = side(file.path);
  if (own === undefined) return [];
  return file.imports.flatMap(({ specifier }) => {
    const target = targetOf(file.path, specifier);
    const other = target === null ? undefined : side(target);
    return other === undefined || other === own ? [] : [`${file.path} of the ${own} imports ${target} of the ${other}`];
  });
}

const within = (target: string, name: string): boolean => target === name || target.startsWith(`${name}/`);

/** The path that a relative import leads to, from the checkout; null for packages and built-ins. */
export const targetOf = (from: string, specifier: string): string | null =>
  specifier.startsWith('.') ? posix.join(posix.dirname(from), specifier) : null;

function complaint(path: string, { specifier, typeOnly }: ImportOf): string | null {
  const own = path.split('/')[0] ?? '';
  const layer = layers[own];
  if (layer === undefined) return `${path}: ${own}/ is no layer of the design`;
  const target = targetOf(path, specifier);
  if (target !== null) {
    if (!specifier.endsWith('.ts') && !/\.(?:json|mjs|cjs|cts|node)$/.test(specifier)) {
      return `${path} imports ${specifier} without its extension`;
    }
    if (within(target, own)) return null;
    const reach = Object.entries(layer.ours).find(([name]) => within(target, name))?.[1];
    if (reach === undefined) return `${path} imports ${target}, which ${own}/ may not`;
    return reach === 'types' && !typeOnly ? `${path} imports more than types of ${target}` : null;
  }
  if (isBuiltin(specifier)) return layer.builtins ? null : `${path} imports the Node built-in ${specifier}`;
  const allowed = layer.packages === undefined || layer.packages.some((name) => within(specifier, name));
  return allowed ? null : `${path} imports the package ${specifier}, which ${own}/ may not`;
}

/** What of a file's imports goes against the arrows, each in one line. */
export const complaints = (file: SourceFile): readonly string[] =>
  file.imports.map((each) => complaint(file.path, each)).filter((text) => text !== null);

/**
 * Everything that is loaded at run time when these files are: paths of ours, and names of packages and built-ins.
 * A package counts once, under the name of its folder.
 */
export function loadedBy(start: readonly SourceFile[], files: readonly SourceFile[]): ReadonlySet<string> {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const loaded = new Set<string>();
  const visit = (file: SourceFile): void => {
    if (loaded.has(file.path)) return;
    loaded.add(file.path);
    for (const { specifier, typeOnly } of file.imports) {
      if (typeOnly) continue;
      const target = targetOf(file.path, specifier);
      const next = target === null ? undefined : byPath.get(target);
      if (next !== undefined) visit(next);
      else loaded.add(target ?? specifier);
    }
  };
  for (const file of start) visit(file);
  return loaded;
}
