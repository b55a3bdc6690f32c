import { z } from 'zod';
import type { Role } from './roles.ts';
import type { ValueType } from './value-types.ts';

/** What one field is, in words. */
export interface FieldText {
  /** What it sets; with the unit where the name does not say it. */
  readonly about: string;
  readonly example: unknown;
  readonly roles: readonly Role[];
  /** Never printed, and given by no flag: flags are visible in the machine's process list. */
  readonly secret?: true;
  /** The one variable to use instead of OSTINATO_…. */
  readonly variable?: string;
  /** Variables of the originals that mean the same; the field's own variable wins over them. */
  readonly aliases?: readonly string[];
  /** `config init` writes it out instead of leaving it in a comment. */
  readonly essential?: true;
  /** What a relative default path starts from; the deployment's folder where left out. */
  readonly base?: 'cwd';
  /** Words that stand for a folder of this checkout. */
  readonly shipped?: Readonly<Record<string, string>>;
}

export interface FieldMeta extends FieldText {
  readonly type: ValueType;
  readonly defaultValue: unknown;
  readonly optional: boolean;
}

/** The words that belong to each field's schema. (zod's own registry rewrites the type of what it holds.) */
const registry = new WeakMap<object, FieldMeta>();

/** The words of a field's schema; undefined for a group of fields. */
export const metaOf = (schema: object): FieldMeta | undefined => registry.get(schema);

const groupTexts = new WeakMap<object, string>();

/** The words of a group of fields; undefined for a single one. */
export const groupTextOf = (schema: object): string | undefined => groupTexts.get(schema);

/** Fields under one name. All have defaults, so that {} is a whole group and it may be left out. */
export function group<const S extends Readonly<Record<string, z.ZodPrefault>>>(about: string, shape: S) {
  const inner = z.strictObject(shape);
  const schema = z.prefault(inner, {} as z.input<typeof inner>);
  groupTexts.set(schema, about);
  return schema;
}

type Fallback<S extends z.ZodType> = Exclude<z.input<S>, undefined>;

/** A field with a default. */
export function field<S extends z.ZodType>(
  type: ValueType<S>,
  fallback: Fallback<S>,
  words: FieldText,
): z.ZodPrefault<S> {
  const schema = z.prefault(type.schema, fallback);
  registry.set(schema, { ...words, type, defaultValue: fallback, optional: false });
  return schema;
}

/** A field that may be empty, and is so unless it is set. */
export function optional<S extends z.ZodType>(type: ValueType<S>, words: FieldText): z.ZodPrefault<z.ZodNullable<S>> {
  const schema = z.prefault(z.nullable(type.schema), null);
  registry.set(schema, { ...words, type, defaultValue: null, optional: true });
  return schema;
}
