import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PeriodKind } from '../../../domain/protection.ts';
import type { Hex } from '../../../domain/units.ts';

/** What one step of a case does; docs/protection.md describes the cases for other implementations. */
export interface CaseStep {
  readonly import?: unknown;
  readonly import_text?: string;
  readonly export?: unknown;
  readonly sign?: {
    readonly genesis?: Hex;
    readonly hotkey: string;
    readonly netuid: number;
    readonly mecid: number;
    readonly kind: PeriodKind;
    readonly period: string;
    readonly uids: readonly number[];
    readonly values: readonly number[];
  };
  readonly expect: 'accepted' | 'equal' | 'new' | 'refused' | 'same';
  readonly error?: string;
  /** The periods that an import seals; none where left out. */
  readonly sealed?: readonly string[];
}

export interface ProtectionCase {
  readonly name: string;
  readonly about: string;
  readonly genesis: Hex;
  readonly steps: readonly CaseStep[];
}

const folder = join(import.meta.dirname, '../../fixtures/protection');

export const protectionCases = (): readonly ProtectionCase[] =>
  readdirSync(folder)
    .toSorted()
    .map((file) => {
      const found = JSON.parse(readFileSync(join(folder, file), 'utf8')) as ProtectionCase;
      if (`${found.name}.json` !== file) throw new Error(`${file} holds the case ${found.name}`);
      return found;
    });
