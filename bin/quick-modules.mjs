// How all of Ostinato's processes find the modules of packages; a deployment has a dozen processes, each loads two
// thousand modules, and a start is little else (bench/README.md has what both of these are worth).
//
// 1. The @polkadot packages are loaded in their CommonJS form. Their package.json files list thousands of entry points,
//    which Node reads anew for each module of the ES form.
// 2. What a name within node_modules stands for is remembered beside what Node has compiled, until something else is
//    installed: to find it out anew takes a third of a process's time to load.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, realpathSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const linked = join(import.meta.dirname, '..', 'node_modules');
/** Node names modules by where they really are. */
const packages = existsSync(linked) ? realpathSync(linked) : linked;
const root = `${pathToFileURL(packages).href}/`;
const commonJs = ['node', 'require', 'node-addons'];

/** Null where Node keeps nothing, either. */
const file = rememberedIn(process.env.NODE_COMPILE_CACHE);
const installed = installedAt();
const known = file === null ? new Map() : read();
let learned = false;

registerHooks({
  resolve: (specifier, context, next) => {
    const asCommonJs = specifier.startsWith('@polkadot/');
    const wanted = asCommonJs ? { ...context, conditions: commonJs } : context;
    if (file === null || specifier.startsWith('node:')) return next(specifier, wanted);
    const { parentURL = '', conditions } = wanted;
    // The form that is wanted and the folder that asks decide, together with the name.
    const key = `${conditions.includes('require') ? 'r' : 'i'} ${parentURL.slice(0, parentURL.lastIndexOf('/'))} ${specifier}`;
    const found = known.get(key);
    if (found !== undefined) return { ...found, shortCircuit: true };
    const { url, format } = next(specifier, wanted);
    if (isWithin(url)) {
      known.set(key, { url, format });
      learned = true;
    }
    return { url, format };
  },
});

process.on('exit', () => {
  if (!learned || file === null || installed === null) return;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    // What another process has learned since this one's start is kept, too.
    const all = [...new Map([...read(), ...known])].map(([key, { url, format }]) => [key, url, format]);
    const temporary = `${file}.${process.pid}`;
    writeFileSync(temporary, JSON.stringify({ installed, all }), { mode: 0o600 });
    renameSync(temporary, file);
  } catch {
    // A full or read-only disk: the next process finds everything out for itself.
  }
});

/** One file for each checkout and Node, as nothing of one stands for the other. */
function rememberedIn(compiled) {
  if (!compiled) return null;
  const name = createHash('sha256').update(`${root} ${process.version}`).digest('hex').slice(0, 16);
  return join(dirname(compiled), 'resolved', `${name}.json`);
}

/** No dots that lead out of there, however they are written. */
function isWithin(url) {
  return url.startsWith(root) && !/\/(\.|%2e)|%2f/i.test(url);
}

/** npm writes this file with each change of what is installed. Layers of images keep whole seconds of times. */
function installedAt() {
  try {
    const { mtimeMs, size } = statSync(join(packages, '.package-lock.json'));
    return `${Math.floor(mtimeMs / 1000)} ${size}`;
  } catch {
    return null;
  }
}

/** Nothing is taken from there that lies outside of the installed packages. */
function read() {
  try {
    const kept = JSON.parse(readFileSync(file, 'utf8'));
    if (kept.installed !== installed) return new Map();
    const rows = kept.all.filter(([, url]) => isWithin(url));
    // What has no format was written as null.
    return new Map(rows.map(([key, url, format]) => [key, { url, format: format ?? undefined }]));
  } catch {
    return new Map();
  }
}
