import { z } from 'zod';
import { type FieldMeta, groupTextOf, metaOf } from './field.ts';
import { type DeploymentRole, deploymentRoles } from './roles.ts';
import { deploymentSchemas } from './schema/deployment.ts';

/** One setting, with all the names that it goes by. */
export interface Field {
  /** The words of the group that it is in. */
  readonly groupText: string | null;
  /** Its path in config.yaml, with dots: `wallet.name`. */
  readonly key: string;
  readonly path: readonly string[];
  /** `OSTINATO_WALLET_NAME`, or the one name of its own. */
  readonly variable: string;
  /** Other spellings of it: with two underscores between levels, and the originals' names. */
  readonly aliases: readonly string[];
  /** `wallet-name`; null for secrets. */
  readonly flag: string | null;
  readonly schema: z.ZodType;
  readonly meta: FieldMeta;
}

/** The fields of a schema in the order of its file. */
function* walk(schema: z.ZodType, path: readonly string[], groupText: string | null = null): Generator<Field> {
  const meta = metaOf(schema);
  if (meta !== undefined) {
    const upper = path.map((part) => part.toUpperCase());
    const variable = meta.variable ?? `OSTINATO_${upper.join('_')}`;
    const nested = meta.variable === undefined && path.length > 1 ? [`OSTINATO_${upper.join('__')}`] : [];
    yield {
      key: path.join('.'),
      path,
      variable,
      aliases: [...nested, ...(meta.aliases ?? [])],
      flag: meta.secret === true ? null : path.join('-').replaceAll('_', '-'),
      schema,
      meta,
      groupText,
    };
    return;
  }
  const inner = schema instanceof z.ZodPrefault ? schema.unwrap() : schema;
  if (!(inner instanceof z.ZodObject)) throw new TypeError(`the field ${path.join('.')} has no words`);
  for (const [name, child] of Object.entries(inner.shape)) {
    yield* walk(child as z.ZodType, [...path, name], groupTextOf(schema) ?? null);
  }
}

const table: Readonly<Record<DeploymentRole, readonly Field[]>> = {
  validator: [...walk(deploymentSchemas.validator, [])],
  miner: [...walk(deploymentSchemas.miner, [])],
};

/** All settings of a deployment, in the order of its file. */
export const fieldsOf = (role: DeploymentRole): readonly Field[] => table[role];

/** Every variable that is some deployment's setting: one `.env` often serves a validator and a miner. */
export const allVariables: ReadonlySet<string> = new Set(
  deploymentRoles.flatMap((role) => table[role].flatMap((field) => [field.variable, ...field.aliases])),
);
