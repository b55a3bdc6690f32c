import { registerHooks } from 'node:module';

const root = new URL('../..', import.meta.url).href;
const packages = new URL('node_modules/', root).href;
const anew = 'anew';

const isOwn = (url: string): boolean => url.startsWith(root) && !url.startsWith(packages);

/**
 * Imports a module, and every module of Ostinato that it imports, anew, with one of them replaced by another: what runs
 * is as it stands but for that. All are URLs, as `import.meta.resolve` gives them.
 */
export async function importWith(entry: string, replaced: string, by: string): Promise<unknown> {
  // As the URLs carry the test file's own id, it is one for each test file, and the same in every run.
  const id = by;
  const [wanted] = replaced.split('?');
  const hooks = registerHooks({
    resolve: (specifier, context, next) => {
      const found = next(specifier, context);
      const within = URL.parse(context.parentURL ?? '')?.searchParams.get(anew) === id;
      if (!isOwn(found.url) || !(within || specifier === entry)) return found;
      if (found.url.split('?')[0] === wanted) return { ...found, url: by };
      const url = new URL(found.url);
      url.searchParams.set(anew, id);
      return { ...found, url: url.href };
    },
  });
  try {
    return await import(entry);
  } finally {
    hooks.deregister();
  }
}
