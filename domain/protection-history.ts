import type { PeriodKind, PeriodRecord, ProtectionSeries } from './protection.ts';
import type { Blocks, Hex, Hotkey, Netuid } from './units.ts';

/** One period of a history. */
export interface HistoryPeriod extends PeriodRecord {
  readonly period: Blocks;
}

/** What one hotkey signed for one mechanism of a subnet. */
export interface SeriesHistory {
  readonly hotkey: Hotkey;
  readonly netuid: Netuid;
  readonly mecid: number;
  readonly kind: PeriodKind;
  /** Everything that was signed from this period on is among `periods`; 0 where nothing was left out. */
  readonly completeFrom: Blocks;
  /** Ascending, each period once. */
  readonly periods: readonly HistoryPeriod[];
}

/** Signing histories on one chain: what is exported from one protection record and merged into another. */
export interface ProtectionHistory {
  readonly genesis: Hex;
  readonly series: readonly SeriesHistory[];
}

/** A period that a merge made unsignable, or that was so before. */
export interface SealedPeriod extends ProtectionSeries {
  readonly period: Blocks;
  /** Different vectors that are known to have been signed for it. */
  readonly vectors: number;
}

/** What a merge did. */
export interface MergeReport {
  /** Periods that the record did not know. */
  readonly added: number;
  /** Periods of which it knew everything. */
  readonly known: number;
  /** Periods that can no more be signed for since this merge. */
  readonly sealed: readonly SealedPeriod[];
  /** Series whose `completeFrom` went up. */
  readonly raised: number;
}
