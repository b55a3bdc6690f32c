import type { BlockRef } from './chain.ts';
import type { WriteOutcome, WriteRequest } from './chain-write.ts';
import { emptyFootprint, type Footprint, type ForeignWrite } from './foreign-write.ts';
import type { SignedWrite } from './signed-write.ts';
import type { Blocks } from './units.ts';

/** One asked write that has no outcome yet. */
export interface OpenWrite {
  readonly request: WriteRequest;
  /** Of the call; one key stands for one content. */
  readonly digest: string;
  /** Everybody who asked for this key. */
  readonly replyTo: readonly string[];
  /** Signed bytes that may still be included; nothing else may be signed for this write until they are dead. */
  readonly signed: SignedWrite | null;
  /** Do nothing before this block, and why. */
  readonly wait: { readonly block: Blocks; readonly code: string; readonly detail: string } | null;
  /** How often it was signed; more than once means that bytes were lost for good. */
  readonly signatures: number;
}

/** An outcome that its asker may ask for again. */
export interface FinishedWrite {
  readonly key: string;
  readonly digest: string;
  readonly outcome: WriteOutcome;
}

/** An included write whose block is not final yet. */
export interface Unfinal {
  readonly request: WriteRequest;
  readonly signed: SignedWrite;
  readonly block: BlockRef;
}

/** Committed weights that are not opened yet. */
export interface Reveal {
  /** As it was asked. */
  readonly request: WriteRequest;
  /** The commitment, with what opens it. */
  readonly signed: SignedWrite;
  readonly block: BlockRef;
  /** Whether the extrinsic that opens it is among the open writes. */
  readonly opening: boolean;
}

/** Something that an operator should know of, until it has mended itself or was acknowledged. */
export interface Alarm {
  readonly key: string;
  readonly code: string;
  readonly detail: string;
  readonly block: Blocks;
}

/** An outcome on its way to the askers and the ledger. */
export interface Settlement {
  readonly request: WriteRequest;
  readonly replyTo: readonly string[];
  readonly outcome: WriteOutcome;
  /** Whether the ledger gets it: not where it is an answer given before, or to a misuse of somebody else's key. */
  readonly record: boolean;
}

/** All that a writer carries from run to run; plain JSON. */
export interface WriterState {
  readonly open: readonly OpenWrite[];
  readonly finished: readonly FinishedWrite[];
  readonly unfinal: readonly Unfinal[];
  readonly outbox: readonly Settlement[];
  /** The newest period whose vector was asked for, by subnet and mechanism. */
  readonly newest: Readonly<Record<string, { readonly period: Blocks; readonly key: string }>>;
  readonly reveals: readonly Reveal[];
  /** The vector that was opened last, by subnet and mechanism. */
  readonly revealed: Readonly<Record<string, Pick<SignedWrite, 'uids' | 'values'>>>;
  readonly alarms: readonly Alarm[];
  readonly footprint: Footprint;
  /** Somebody else's write; nothing is written until an operator has decided. */
  readonly foreign: ForeignWrite | null;
  /** The operator decided for the other deployment. */
  readonly retired: boolean;
}

export const emptyWriterState: WriterState = {
  open: [],
  finished: [],
  unfinal: [],
  outbox: [],
  newest: {},
  reveals: [],
  revealed: {},
  alarms: [],
  footprint: emptyFootprint,
  foreign: null,
  retired: false,
};
