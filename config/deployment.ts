import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fail } from '../domain/errors/error.ts';
import { dataFolder } from './data-dir.ts';
import type { Environment } from './environment.ts';
import { deploymentRole, type Role } from './roles.ts';

export const configFileName = 'config.yaml';

const subfolders = (folder: string): readonly string[] =>
  existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map((entry) => join(folder, entry.name))
        .sort()
    : [];

/** All deployments of a role under `checkpoints/<role>/<hotkey>/<run>/` of a folder, by absolute path. */
export function listDeployments(role: Role, within: string = process.cwd()): readonly string[] {
  const root = join(resolve(within), 'checkpoints', deploymentRole(role));
  return subfolders(root)
    .flatMap(subfolders)
    .filter((folder) => existsSync(join(folder, configFileName)));
}

/**
 * The absolute path of the deployment that a command is about: the one that is named, else the only one of that role.
 * Throws OST_CONFIG_NO_FILE, OST_CONFIG_NO_DEPLOYMENT, OST_CONFIG_SEVERAL_DEPLOYMENTS or OST_CONFIG_DATA_DIR.
 */
export function findDeployment(
  role: Role,
  where: {
    readonly path?: string | undefined;
    readonly cwd?: string | undefined;
    readonly env?: Environment | undefined;
  } = {},
): string {
  const cwd = resolve(where.cwd ?? process.cwd());
  const kind = deploymentRole(role);
  if (where.path !== undefined) {
    const given = resolve(cwd, where.path);
    const folder = basename(given) === configFileName ? dirname(given) : given;
    if (!existsSync(join(folder, configFileName))) throw fail('OST_CONFIG_NO_FILE', { folder, role: kind });
    return folder;
  }
  const within = dataFolder(cwd, where.env);
  const root = join(within, 'checkpoints', kind);
  const found = listDeployments(role, within);
  const [only] = found;
  if (only === undefined) throw fail('OST_CONFIG_NO_DEPLOYMENT', { role: kind, root });
  if (found.length > 1) {
    const list = found.map((folder) => `\n  ${folder}`).join('');
    throw fail('OST_CONFIG_SEVERAL_DEPLOYMENTS', { count: found.length, role: kind, root, list: `${list}\n` });
  }
  return only;
}
