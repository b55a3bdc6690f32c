import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { isDatasetReference } from '../domain/dataset-reference.ts';
import type { Field } from './fields.ts';

/** The folder that holds this checkout. */
export const projectRoot: string = resolve(import.meta.dirname, '..');

/** Makes a field's path absolute. Leaves everything else, wrong values included, as it is. */
export function absolutePath(field: Field, value: unknown, base: string): unknown {
  if (field.meta.type.isPath !== true || typeof value !== 'string' || value === '') return value;
  if (isDatasetReference(value)) return value;
  const shipped = field.meta.shipped?.[value];
  if (shipped !== undefined) return join(projectRoot, shipped);
  if (value === '~' || value.startsWith('~/')) return join(homedir(), value.slice(1));
  return resolve(base, value);
}
