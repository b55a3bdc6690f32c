import { join, resolve } from 'node:path';
import { fail, type OstinatoError } from '../domain/errors/error.ts';
import { configFileName, findDeployment } from './deployment.ts';
import { readDotenv } from './dotenv.ts';
import { type Environment, environmentLayer } from './environment.ts';
import { fieldsOf } from './fields.ts';
import { fileLayer } from './file.ts';
import { flagLayer } from './flags.ts';
import { resolveSettings, settingsTree } from './resolve.ts';
import { deploymentRole, type Role } from './roles.ts';
import { type MinerConfig, minerSchema, type ValidatorConfig, validatorSchema } from './schema/deployment.ts';
import type { Setting } from './setting.ts';
import { readTextFile } from './text-file.ts';

export interface LoadRequest {
  readonly role: Role;
  /** The deployment's folder; left out, the only one under `checkpoints/<role>/`. */
  readonly path?: string | undefined;
  /** Values by the fields' keys (`wallet.name`), as `flagValues` makes them. */
  readonly flags?: Readonly<Record<string, unknown>> | undefined;
  /** `process.env` where left out. */
  readonly env?: Environment | undefined;
  readonly cwd?: string | undefined;
}

export interface LoadedConfig<C = ValidatorConfig | MinerConfig> {
  readonly config: C;
  /** The deployment's folder, absolute. */
  readonly folder: string;
  /** Every field with its value as written (paths absolute) and where it comes from, in the order of the file. */
  readonly sources: readonly Setting[];
  /** The environment with the `.env` files below it, for libraries that read variables of their own (TEMPORAL_*). */
  readonly environment: Environment;
}

type Resolved = Omit<LoadedConfig, 'config'>;

function throwProblems(problems: readonly OstinatoError[]): void {
  const [only] = problems;
  if (only === undefined) return;
  if (problems.length === 1) throw only;
  const list = problems.map((problem) => `\n  ${problem.message} ${problem.todo}`).join('');
  throw fail('OST_CONFIG_PROBLEMS', { count: problems.length, list: `${list}\n` }, { cause: only });
}

/** Everything that `loadConfig` does but the last step, in which the values get their types. */
function resolveConfig(request: LoadRequest): Resolved {
  const cwd = resolve(request.cwd ?? process.cwd());
  const env = request.env ?? process.env;
  const folder = findDeployment(request.role, { path: request.path, cwd, env });
  const fields = fieldsOf(deploymentRole(request.role));
  const file = join(folder, configFileName);
  const dotenv = readDotenv(cwd, folder);
  const parts = [
    fileLayer(fields, file, readTextFile(file) ?? ''),
    ...dotenv.map(({ file: where, base, environment }) =>
      environmentLayer(fields, environment, { kind: 'dotenv', where, base }),
    ),
    environmentLayer(fields, env, { kind: 'environment', where: 'The environment', base: cwd }),
    flagLayer(fields, request.flags ?? {}, cwd),
  ];
  const { settings, problems } = resolveSettings(
    fields,
    parts.map(({ layer }) => layer),
    { folder, cwd },
  );
  throwProblems([...parts.flatMap((part) => part.problems), ...problems]);
  const environment = Object.assign({}, ...dotenv.map((each) => each.environment), env) as Environment;
  return { folder, sources: settings, environment };
}

/**
 * Reads a deployment's settings: flags over environment over `.env` over config.yaml over defaults. Paths come out
 * absolute: those of the file and of `.env` start from the folder it lies in, the others from the working directory.
 * Throws OST_CONFIG_… errors; where several settings are wrong, one error lists them all.
 */
export function loadConfig(request: LoadRequest & { readonly role: 'miner' }): LoadedConfig<MinerConfig>;
export function loadConfig(
  request: LoadRequest & { readonly role: 'validator' | 'server' },
): LoadedConfig<ValidatorConfig>;
export function loadConfig(request: LoadRequest): LoadedConfig;
export function loadConfig(request: LoadRequest): LoadedConfig {
  const resolved = resolveConfig(request);
  const tree = settingsTree(resolved.sources);
  const config = deploymentRole(request.role) === 'miner' ? minerSchema.parse(tree) : validatorSchema.parse(tree);
  return { ...resolved, config };
}
