import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { npmCommand } from '../../bin/node24.mjs';
import { cacheFolder } from '../../temporal/cache.ts';
import { docker, exists, must } from './docker.ts';

const suite = 'bookworm';
const packages = ['ca-certificates', 'tini'];
const certificates = '/etc/ssl/certs/ca-certificates.crt';

const folder = join(cacheFolder(), 'test-images');
/** A Debian of its own packages alone. Making it takes a minute, so it is kept. */
const debianArchive = join(folder, `debian-${suite}-${process.arch}.tar`);

/** What keeps this machine from making the base image, or nothing. */
export function baseImageObstacle(): string | undefined {
  if (existsSync(debianArchive)) return undefined;
  if (process.getuid?.() !== 0) return 'only root can make a base image of Debian packages';
  const found = spawnSync('debootstrap', ['--version']).status === 0;
  return found ? undefined : 'debootstrap, which makes a base image of Debian packages, is not installed';
}

async function makeDebian(): Promise<void> {
  if (existsSync(debianArchive)) return;
  mkdirSync(folder, { recursive: true });
  const temporary = mkdtempSync(join(folder, '.making-'));
  try {
    const root = join(temporary, 'root');
    await must('debootstrap', '--variant=minbase', `--include=${packages.join(',')}`, suite, root);
    const archive = join(temporary, 'debian.tar');
    await must('tar', '--create', '--directory', root, '--file', archive, '--exclude=./var/cache/apt/archives/*', '.');
    renameSync(archive, debianArchive);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** The folder of the npm that the machine has; it runs under any Node. */
function npmFolder(): string {
  const [, cli] = npmCommand(process.execPath);
  if (cli === undefined || basename(cli) !== 'npm-cli.js')
    throw new Error('The npm on PATH is none that can be copied.');
  return dirname(dirname(cli));
}

/**
 * Makes an image with what the Dockerfile's default base has: a Debian, Node 24 and npm in /usr/local. It trusts whom
 * this machine trusts, since its way to the packages is this machine's.
 * @returns its name
 */
export async function makeBaseImage(): Promise<string> {
  const npm = npmFolder();
  const parts = [suite, ...packages, process.version, readFileSync(join(npm, 'package.json'), 'utf8')];
  if (existsSync(certificates)) parts.push(readFileSync(certificates, 'utf8'));
  const version = createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 12);
  const name = `ostinato-test-base:${version}`;
  if (await exists('image', name)) return name;

  await makeDebian();
  const debian = `ostinato-test-debian:${suite}`;
  await docker('import', debianArchive, debian);
  const context = mkdtempSync(join(tmpdir(), 'ostinato-base-image-'));
  try {
    const lines = [`FROM ${debian}`, 'COPY node /usr/local/bin/node', 'COPY npm /usr/local/lib/node_modules/npm'];
    lines.push('RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm && npm --version');
    cpSync(process.execPath, join(context, 'node'));
    cpSync(npm, join(context, 'npm'), { recursive: true });
    if (existsSync(certificates)) {
      cpSync(certificates, join(context, 'ca-certificates.crt'), { dereference: true });
      lines.push(`COPY ca-certificates.crt ${certificates}`, `ENV NODE_EXTRA_CA_CERTS=${certificates}`);
    }
    writeFileSync(join(context, 'Dockerfile'), `${lines.join('\n')}\n`);
    await docker('build', '--network', 'none', '--tag', name, context);
  } finally {
    rmSync(context, { recursive: true, force: true });
  }
  return name;
}
