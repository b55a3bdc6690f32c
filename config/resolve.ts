import { fail, type OstinatoError } from '../domain/errors/error.ts';
import type { Field } from './fields.ts';
import { absolutePath } from './paths.ts';
import { type Layer, type Setting, showValue, type Written } from './setting.ts';

const shorten = (text: string): string => (text.length > 80 ? `${text.slice(0, 77)}…` : text);

function wrongValue(field: Field, { value, source }: Written): OstinatoError {
  const { meta } = field;
  return fail('OST_CONFIG_VALUE', {
    source: source.where,
    key: field.key,
    value: shorten(typeof value === 'string' && meta.secret !== true ? JSON.stringify(value) : showValue(field, value)),
    expectation: meta.optional ? `${meta.type.expects}, or empty` : meta.type.expects,
    example: typeof meta.example === 'string' ? meta.example : JSON.stringify(meta.example),
  });
}

/** Takes each field from the strongest layer that sets it, and checks the values that count. */
export function resolveSettings(
  fields: readonly Field[],
  layers: readonly Layer[],
  bases: { readonly folder: string; readonly cwd: string },
): { readonly settings: readonly Setting[]; readonly problems: readonly OstinatoError[] } {
  const problems: OstinatoError[] = [];
  const settings = fields.map((field): Setting => {
    const base = field.meta.base === 'cwd' ? bases.cwd : bases.folder;
    const written: Written = layers.findLast((layer) => layer.has(field.key))?.get(field.key) ?? {
      value: field.meta.defaultValue,
      source: { kind: 'default', where: 'default', base },
    };
    if (!field.schema.safeParse(written.value).success) problems.push(wrongValue(field, written));
    return { field, source: written.source, value: absolutePath(field, written.value, written.source.base) };
  });
  return { settings, problems };
}

/** The settings as the tree of their file, for the schema. */
export function settingsTree(settings: readonly Setting[]): Record<string, unknown> {
  const tree: Record<string, unknown> = {};
  for (const { field, value } of settings) {
    const [group, name] = field.path;
    if (group === undefined) continue;
    if (name === undefined) tree[group] = value;
    else tree[group] = { ...(tree[group] as object | undefined), [name]: value };
  }
  return tree;
}
