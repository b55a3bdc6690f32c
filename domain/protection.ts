import type { Blocks, Hex, Hotkey, Netuid } from './units.ts';

/**
 * Why a vector was signed: for a cycle of its own, or as the last good one once more. Each kind counts its own
 * periods, so that a vector that is sent again never takes the place of a cycle's.
 */
export const periodKinds = ['cycle', 'resend'] as const;
export type PeriodKind = (typeof periodKinds)[number];

/** Whose vectors are counted together. */
export interface ProtectionSeries {
  readonly genesis: Hex;
  readonly netuid: Netuid;
  readonly mecid: number;
  readonly hotkey: Hotkey;
  readonly kind: PeriodKind;
}

/**
 * What one weight vector is signed for. The period is the first block of the cycle that produced it, or of the tempo
 * in which it was sent again; `kind` is `cycle` where left out.
 */
export interface ProtectionKey extends Omit<ProtectionSeries, 'kind'> {
  readonly kind?: PeriodKind;
  readonly period: Blocks;
}

/** A vector as it was signed. */
export interface SignedVector {
  readonly uids: readonly number[];
  /** u16, one for each uid. */
  readonly values: readonly number[];
}

/**
 * All that is known of one period: the vectors that were signed for it, each once, and whether there may be others
 * that nobody knows. Two histories of one period make one by `mergeRecords`.
 */
export interface PeriodRecord {
  readonly vectors: readonly SignedVector[];
  /** Something was signed that is not known; no vector can be told to be the same. */
  readonly sealed: boolean;
}

const isU16 = (value: number): boolean => Number.isInteger(value) && value >= 0 && value <= 0xffff;

/** What keeps a vector from being recorded, in words; null where nothing does. */
export function vectorProblem({ uids, values }: SignedVector): string | null {
  if (uids.length !== values.length) return `${uids.length} uids, ${values.length} values`;
  if (!uids.every(isU16) || !values.every(isU16)) return 'a uid or a value is no 16-bit number';
  return new Set(uids).size === uids.length ? null : 'a uid occurs twice';
}

/** Entries in ascending order of uids, because the chain's effect does not depend on their order. */
export function canonicalVector({ uids, values }: SignedVector): SignedVector {
  const pairs = uids.map((uid, index) => ({ uid, value: values[index] ?? 0 })).toSorted((a, b) => a.uid - b.uid);
  return { uids: pairs.map(({ uid }) => uid), values: pairs.map(({ value }) => value) };
}

const textOf = (vector: SignedVector): string => {
  const { uids, values } = canonicalVector(vector);
  return JSON.stringify([uids, values]);
};

/** Whether a period can never be signed for again: what was signed is not one known vector. */
export const isSealed = ({ vectors, sealed }: PeriodRecord): boolean => sealed || vectors.length !== 1;

/**
 * What may be done with a vector:
 *
 * - `new`: nothing is recorded for its period; it becomes the period's only one.
 * - `same`: it is the one that was signed before, and may be signed again.
 * - `conflict`: another one was signed.
 * - `sealed`: several were signed, or one that nobody knows; neither they nor any other may be signed.
 * - `before_history`: the period lies before the first one from which the record is complete, so that nobody knows
 *   what else was signed for it.
 */
export type Verdict = 'new' | 'same' | 'conflict' | 'sealed' | 'before_history';

/** The rule of the protection record. `completeFrom` is the first period of which the record knows everything. */
export function judgeVector(
  record: PeriodRecord | null,
  completeFrom: number,
  period: Blocks,
  vector: SignedVector,
): Verdict {
  // Not even what is known: a history that was cut may have dropped that the period is sealed.
  if (period < completeFrom) return 'before_history';
  if (record === null) return 'new';
  if (isSealed(record)) return 'sealed';
  return record.vectors.some((known) => textOf(known) === textOf(vector)) ? 'same' : 'conflict';
}

/**
 * Both histories of one period in one. The union of what was signed: it does not depend on the order, merging the
 * same again changes nothing, and what either side forbids stays forbidden.
 */
export function mergeRecords(a: PeriodRecord, b: PeriodRecord): PeriodRecord {
  const byText = new Map([...a.vectors, ...b.vectors].map((vector) => [textOf(vector), canonicalVector(vector)]));
  const texts = [...byText.keys()].toSorted();
  return { vectors: texts.flatMap((text) => byText.get(text) ?? []), sealed: a.sealed || b.sealed };
}

/** Whether two records of one period say the same. */
export const sameRecord = (a: PeriodRecord, b: PeriodRecord): boolean =>
  a.sealed === b.sealed &&
  JSON.stringify(a.vectors.map(textOf).toSorted()) === JSON.stringify(b.vectors.map(textOf).toSorted());
