import { fail, type OstinatoError } from '../domain/errors/error.ts';
import { allVariables, type Field } from './fields.ts';
import { nearest } from './nearest.ts';
import { isProgramVariable } from './program-variables.ts';
import type { Layer, Source, Written } from './setting.ts';

/** Variables by their names, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

const guesses: ReadonlyMap<string, string> = new Map(
  // Who writes OSTINATO_AUTH_TOKEN means BZ_AUTH_TOKEN.
  [...allVariables].map((name) => [name.replace(/^(?:BZ|BITTENSOR)_/, 'OSTINATO_'), name]),
);

function* unknownVariables(environment: Environment, where: string): Generator<OstinatoError> {
  for (const variable of Object.keys(environment)) {
    if (!variable.startsWith('OSTINATO_') || allVariables.has(variable) || isProgramVariable(variable)) continue;
    const guess = nearest(variable, guesses.keys());
    yield fail('OST_CONFIG_UNKNOWN_VARIABLE', { source: where, variable, nearest: guesses.get(guess) ?? guess });
  }
}

/**
 * What an environment sets. An empty variable counts as unset, because Docker Compose passes `${NAME:-}` that way.
 * `where` is "the environment" or the path of a `.env` file.
 */
export function environmentLayer(
  fields: readonly Field[],
  environment: Environment,
  from: { readonly kind: 'environment' | 'dotenv'; readonly where: string; readonly base: string },
): { readonly layer: Layer; readonly problems: readonly OstinatoError[] } {
  const layer = new Map<string, Written>();
  for (const field of fields) {
    const variable = [field.variable, ...field.aliases].find((name) => (environment[name] ?? '') !== '');
    const text = variable === undefined ? undefined : environment[variable];
    if (variable === undefined || text === undefined) continue;
    const where = from.kind === 'dotenv' ? `${variable} in ${from.where}` : variable;
    const source: Source = { kind: from.kind, where, base: from.base };
    layer.set(field.key, { value: field.meta.type.fromText(text), source });
  }
  return { layer, problems: [...unknownVariables(environment, from.where)] };
}
