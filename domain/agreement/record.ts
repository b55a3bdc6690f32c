import type { Blocks, Hotkey } from '../units.ts';

/**
 * What came of one validator's table:
 *
 * - `agreed`, `differs`: it counts; it contradicts this validator's own on no miner, or on some.
 * - `abstains`: it says that it has nothing to say, because its own cycle abstained.
 * - `absent`: nothing came. `late`: its digest or its table came after the deadline. `no_table`: only its digest came.
 * - `no_digest`: a table that was not announced, so that it may have been copied.
 * - `bad_table`: it is no table, is somebody else's, or does not fit its digest.
 * - `equivocated`: it signed two different digests, so that others may have heard another one.
 * - `stranger`: no validator of the directory.
 */
export type TableOutcome =
  | 'agreed'
  | 'differs'
  | 'abstains'
  | 'absent'
  | 'late'
  | 'no_table'
  | 'no_digest'
  | 'bad_table'
  | 'equivocated'
  | 'stranger';

/** Whether a table of this outcome is one of those that the median is taken of. */
export const counts = (outcome: TableOutcome): boolean => outcome === 'agreed' || outcome === 'differs';

export interface PeerInAgreement {
  readonly hotkey: Hotkey;
  /** "0" for a stranger, whose stake counts for nothing here. */
  readonly stakeRao: string;
  readonly outcome: TableOutcome;
  readonly detail: string | null;
  /** SHA-256 of its table's body, as it announced it. */
  readonly digest: string | null;
}

/** What the validators say of one miner together. */
export interface AgreedValue {
  readonly hotkey: Hotkey;
  readonly w: number;
  /** The agreed loss of the base on the miner's rows; null where w is 0 by the miner's own fault. */
  readonly lossBefore: number | null;
  /** How many validators voted, and the stake behind them. */
  readonly voters: number;
  readonly stakeRao: string;
}

/**
 * - `agreed`: the values take the place of the validator's own.
 * - `alone`: too little stake was heard; everything is as this validator saw it.
 * - `abstained`: this validator's own cycle abstained, and moves no score by hearsay.
 */
export type AgreementResult = 'agreed' | 'alone' | 'abstained';

/** A table that counts, as its author signed it (docs/peers.md). */
export interface HeardTable {
  readonly hotkey: Hotkey;
  readonly block: Blocks;
  readonly body: string;
  readonly signature: string;
}

/** How the validators' score tables compared in a cycle. */
export interface Agreement {
  /**
   * Every validator of the directory sent its table in time, none contradicts this validator's own, and no value is
   * contested.
   */
  readonly full: boolean;
  readonly result: AgreementResult;
  /** The block whose snapshot says who the validators are and what their stake is. */
  readonly directoryBlock: Blocks;
  /** The last blocks in which a digest and a table counted. */
  readonly digestsBy: Blocks;
  readonly tablesBy: Blocks;
  /** Stake of the tables that count, and of the whole directory. */
  readonly heardRao: string;
  readonly totalRao: string;
  /** In order of hotkeys, oneself among them. */
  readonly peers: readonly PeerInAgreement[];
  /** In order of hotkeys; empty where nothing was agreed. */
  readonly values: readonly AgreedValue[];
  /** Miners whose median liars alone could have brought about: their own values stand. */
  readonly contested: readonly Hotkey[];
  /** In order of hotkeys; what `values` follow from. */
  readonly tables: readonly HeardTable[];
}

/** An agreement as the history carries it: without the tables, which are in the ledger. */
export type AgreementSummary = Omit<Agreement, 'tables'>;
