import type { Field } from './fields.ts';

/** Where a value comes from, from the weakest to the strongest. */
export type SourceKind = 'default' | 'file' | 'dotenv' | 'environment' | 'flag';

export interface Source {
  readonly kind: SourceKind;
  /** For people: `/…/config.yaml line 7`, `OSTINATO_NETUID in /…/.env`, `--netuid`, `default`. */
  readonly where: string;
  /** What a relative path starts from. */
  readonly base: string;
}

/** A value as it was written, and where. */
export interface Written {
  readonly value: unknown;
  readonly source: Source;
}

/** What one place sets, by the fields' keys. */
export type Layer = ReadonlyMap<string, Written>;

/** One field with the value that counts, checked, its paths absolute. */
export interface Setting extends Written {
  readonly field: Field;
}

const hidden = '(hidden)';

/** A value as text for messages and listings; secrets never show. */
export function showValue(field: Field, value: unknown): string {
  if (value === null || value === undefined) return '(empty)';
  if (field.meta.secret === true) return hidden;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
