import { fail, type OstinatoError } from '../domain/errors/error.ts';
import { type Field, fieldsOf } from './fields.ts';
import { nearestKey } from './nearest.ts';
import { deploymentRole, type Role } from './roles.ts';
import { type Layer, showValue, type Written } from './setting.ts';

/** One option for the command line. */
export interface Flag {
  /** As commander takes it: `--wallet-name <text>`. */
  readonly flags: string;
  readonly description: string;
  /** The property under which commander leaves its value. */
  readonly attribute: string;
  /** The field that it sets. */
  readonly key: string;
}

const attributeOf = (flag: string): string => flag.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());

/** Options for all fields that this process reads, in the order of the file. Secrets have none. */
export const flagsFor = (role: Role): readonly Flag[] =>
  fieldsOf(deploymentRole(role)).flatMap((field) =>
    field.flag === null || !field.meta.roles.includes(role)
      ? []
      : [
          {
            flags: `--${field.flag} <${field.meta.type.argument}>`,
            description: `${field.meta.about} Default: ${showValue(field, field.meta.defaultValue)}`,
            attribute: attributeOf(field.flag),
            key: field.key,
          },
        ],
  );

/** Picks the fields' values out of commander's options, for `loadConfig`. */
export function flagValues(role: Role, options: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const given = flagsFor(role).flatMap(({ attribute, key }) =>
    options[attribute] === undefined ? [] : [[key, options[attribute]] as const],
  );
  return Object.fromEntries(given);
}

/** What flags set, by the fields' keys; texts are read as the environment's are. */
export function flagLayer(
  fields: readonly Field[],
  flags: Readonly<Record<string, unknown>>,
  base: string,
): { readonly layer: Layer; readonly problems: readonly OstinatoError[] } {
  const layer = new Map<string, Written>();
  const problems: OstinatoError[] = [];
  const known = new Map(fields.map((field) => [field.key, field]));
  for (const [key, given] of Object.entries(flags)) {
    if (given === undefined) continue;
    const field = known.get(key);
    if (field === undefined) {
      const guess = nearestKey(key, [...known.keys()]);
      problems.push(fail('OST_CONFIG_UNKNOWN_KEY', { source: 'The command line', key, nearest: guess }));
      continue;
    }
    const where = field.flag === null ? key : `--${field.flag}`;
    const value: unknown = typeof given === 'string' ? field.meta.type.fromText(given) : given;
    layer.set(key, { value, source: { kind: 'flag', where, base } });
  }
  return { layer, problems };
}
