import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fail } from '../domain/errors/error.ts';
import { dataFolder } from './data-dir.ts';
import { configFileName } from './deployment.ts';
import type { Environment } from './environment.ts';
import { fieldsOf } from './fields.ts';
import { flagLayer } from './flags.ts';
import { resolveSettings } from './resolve.ts';
import type { DeploymentRole } from './roles.ts';
import { renderConfig } from './template.ts';

export interface InitRequest {
  readonly role: DeploymentRole;
  /** The hotkey's name: a directory, and `wallet.hotkey` unless `values` says otherwise. */
  readonly hotkey: string;
  readonly run: string;
  /** Instead of `checkpoints/<role>/<hotkey>/<run>`. */
  readonly folder?: string | undefined;
  /** Values to write, by the fields' keys. */
  readonly values?: Readonly<Record<string, unknown>> | undefined;
  /** What becomes of a file that is there already; an error where left out. */
  readonly ifExists?: 'error' | 'keep' | 'overwrite' | undefined;
  readonly cwd?: string | undefined;
  /** `process.env` where left out. */
  readonly env?: Environment | undefined;
}

export interface InitResult {
  readonly folder: string;
  readonly file: string;
  /** False where a file was there and was kept. */
  readonly written: boolean;
}

const isDirectoryName = (name: string): boolean => /^[\w.-]+$/.test(name) && !/^\.+$/.test(name);

/**
 * Makes a deployment's directory with a commented config.yaml, readable for its owner alone.
 * Throws OST_CONFIG_NAME, OST_CONFIG_EXISTS, OST_CONFIG_DATA_DIR, or what `loadConfig` would throw for the values.
 */
export function initConfig(request: InitRequest): InitResult {
  const { role, hotkey, run } = request;
  for (const [what, name] of [['hotkey', hotkey] as const, ['run', run] as const]) {
    if (!isDirectoryName(name)) throw fail('OST_CONFIG_NAME', { what, name });
  }
  const cwd = resolve(request.cwd ?? process.cwd());
  const folder =
    request.folder === undefined
      ? join(dataFolder(cwd, request.env), 'checkpoints', role, hotkey, run)
      : resolve(cwd, request.folder);
  const file = join(folder, configFileName);
  const fields = fieldsOf(role);
  const { layer, problems } = flagLayer(fields, { 'wallet.hotkey': hotkey, ...request.values }, folder);
  const resolved = resolveSettings(fields, [layer], { folder, cwd });
  const [problem] = [...problems, ...resolved.problems];
  if (problem !== undefined) throw problem;

  if (existsSync(file)) {
    if (request.ifExists === 'keep') return { folder, file, written: false };
    if (request.ifExists !== 'overwrite') throw fail('OST_CONFIG_EXISTS', { file });
  }
  mkdirSync(folder, { recursive: true });
  const values = new Map([...layer].map(([key, { value }]) => [key, value]));
  // It may come to hold auth_token.
  writeFileSync(file, renderConfig(role, folder, values), { mode: 0o600 });
  return { folder, file, written: true };
}
