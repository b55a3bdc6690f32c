import type { Migration } from 'kysely/migration';
import { first } from './0001-first.ts';
import { presence } from './0002-presence.ts';
import { protectionKinds } from './0003-protection-kinds.ts';
import { review } from './0004-review.ts';
import { assignment } from './0005-assignment.ts';
import { peers } from './0006-peers.ts';
import { judging } from './0007-judging.ts';
import { merge } from './0008-merge.ts';
import { pulled } from './0009-pulled.ts';

/** All migrations by name, in alphabetical order. A released one never changes: what comes later is a new entry. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-first': first,
  '0002-presence': presence,
  '0003-protection-kinds': protectionKinds,
  '0004-review': review,
  '0005-assignment': assignment,
  '0006-peers': peers,
  '0007-judging': judging,
  '0008-merge': merge,
  '0009-pulled': pulled,
};
