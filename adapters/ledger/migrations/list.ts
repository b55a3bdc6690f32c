import type { Migration } from 'kysely/migration';
import { first } from './0001-first.ts';

/** All migrations by name, in alphabetical order. A released one never changes: what comes later is a new entry. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-first': first,
};
