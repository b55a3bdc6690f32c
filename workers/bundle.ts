import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { type BundleOptions, bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { cacheFolder } from '../temporal/cache.ts';

const root = join(import.meta.dirname, '..');
/** What workflow code may import; a change anywhere in it is another bundle. */
const sources = ['workflows', 'domain', 'temporal'] as const;
/** One that nobody asked for in so long belongs to sources that are gone. */
const keptMs = 30 * 24 * 3_600_000;

/**
 * The workflows as one file. Bundling takes two seconds of a core and several processes of a machine need it, so it
 * is kept in the user's cache under a hash of its sources.
 */
export async function workflowBundle(): Promise<{ readonly codePath: string }> {
  const folder = join(cacheFolder(), 'bundles');
  const codePath = join(folder, `workflows-${await sourceHash()}.cjs`);
  if (existsSync(codePath)) {
    // Says that it is in use; where the cache may not be written to, nobody removes anything from it, either.
    await utimes(codePath, new Date(), new Date()).catch(() => undefined);
    return { codePath };
  }
  const workflowsPath = join(root, 'workflows', 'index.ts');
  const code = await bundleWorkflows(workflowsPath);
  await mkdir(folder, { recursive: true });
  // Several processes may get here at once; each writes its own file, and all of them are the same.
  const temporary = `${codePath}.${process.pid}.tmp`;
  await writeFile(temporary, code);
  await rename(temporary, codePath);
  await forgetOldBundles(folder);
  return { codePath };
}

/** Removes the bundles that were not in use for a month, and what a process that was killed left half-written. */
export async function forgetOldBundles(folder: string, now = Date.now()): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    // Another process may be at the same.
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: now }));
    if (name.startsWith('workflows-') && now - mtimeMs > keptMs) await rm(path, { force: true });
  }
}

type WebpackHook = NonNullable<BundleOptions['webpackConfigHook']>;
type WebpackConfig = Parameters<WebpackHook>[0];

/**
 * Every cached workflow evaluates its own copy of the bundle, so a small one saves memory and time with each of them: it
 * is without what nobody imports, with our modules joined to one, and for the V8 of the Node that runs it. The SDK's own
 * way is a function for each module, compiled to a language of 2017, in which private fields become helpers and maps, with
 * all comments.
 */
const compileForThisNode: WebpackHook = (config) => ({
  ...config,
  output: { ...config.output, pathinfo: false },
  optimization: {
    ...config.optimization,
    providedExports: true,
    usedExports: true,
    sideEffects: true,
    concatenateModules: true,
  },
  module: { ...config.module, rules: (config.module?.rules ?? []).map(withOurTarget) },
});

type Rule = NonNullable<NonNullable<WebpackConfig['module']>['rules']>[number];

function withOurTarget(rule: Rule): Rule {
  if (typeof rule !== 'object' || rule === null) return rule;
  const { use } = rule;
  if (typeof use !== 'object' || use === null || !('loader' in use)) return rule;
  if (typeof use.loader !== 'string' || !use.loader.includes('swc-loader')) return rule;
  const minify = { compress: false, mangle: false, format: { comments: false } };
  const jsc = { target: 'es2024', parser: { syntax: 'typescript' }, minify };
  return { ...rule, use: { loader: use.loader, options: { sourceMap: true, minify: true, jsc } } };
}

/** One file of JavaScript with all that the module imports, as the sandbox takes it. */
export async function bundleWorkflows(workflowsPath: string): Promise<string> {
  const { code } = await bundleWorkflowCode({
    workflowsPath,
    logger: new DefaultLogger('ERROR'),
    webpackConfigHook: compileForThisNode,
  });
  return code;
}

async function sourceHash(): Promise<string> {
  const hash = createHash('sha256');
  // This file says how they are compiled.
  for (const file of [import.meta.filename, join(root, 'package-lock.json')]) hash.update(await readFile(file));
  for (const folder of sources) {
    const names = await readdir(join(root, folder), { recursive: true });
    for (const name of names.filter((each) => each.endsWith('.ts')).toSorted()) {
      const file = join(root, folder, name);
      hash.update(relative(root, file)).update(await readFile(file));
    }
  }
  return hash.digest('hex').slice(0, 16);
}
