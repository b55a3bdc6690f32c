import type { Blocks, Hex, Hotkey, Netuid } from './units.ts';
import type { WeightsRoad } from './weights-road.ts';

/** One weight as decided: by hotkey, because the uid may change hands until the block of use. u16, maximum 65535. */
export interface HotkeyWeight {
  readonly hotkey: Hotkey;
  readonly weight: number;
}

/** Opens a hash that was committed before. The writer asks itself for it, when the time has come. */
export interface RevealCall {
  readonly kind: 'reveal_weights';
  readonly netuid: Netuid;
  readonly mecid: number;
  readonly period: Blocks;
  readonly resend?: true;
  readonly uids: readonly number[];
  readonly values: readonly number[];
  readonly salt: readonly number[];
  readonly versionKey: string;
  /** What is opened. */
  readonly commit: Hex;
}

/** What a workflow wants written. The writer alone turns it into an extrinsic. */
export type ChainCall =
  | {
      readonly kind: 'set_weights';
      readonly netuid: Netuid;
      readonly mecid: number;
      /** The first block of the cycle that produced the vector: the protection record's key. */
      readonly period: Blocks;
      /** The last good vector once more, for a hotkey gone stale; its period is the first block of the tempo. */
      readonly resend?: true;
      readonly weights: readonly HotkeyWeight[];
      readonly versionKey: string;
    }
  | RevealCall
  | { readonly kind: 'set_commitment'; readonly netuid: Netuid; readonly text: string }
  | {
      readonly kind: 'serve_axon';
      readonly netuid: Netuid;
      readonly ip: string;
      readonly port: number;
      readonly version: number;
    };

export interface WriteRequest {
  /** Idempotency key: one key, one extrinsic, however often it is asked. */
  readonly key: string;
  readonly call: ChainCall;
  /** Final for commitments and axons. Weights have none: they wait for the allowed block. */
  readonly deadline: Blocks | null;
  /** The workflow that gets the answer by signal `writeSettled`; null for nobody. */
  readonly replyTo: string | null;
}

export type WriteOutcome =
  | {
      readonly kind: 'included';
      readonly extrinsicHash: Hex;
      readonly block: Blocks;
      readonly index: number;
      readonly uids: readonly number[];
      readonly values: readonly number[];
      /** Of weights that were committed to rather than set; their reveal has an outcome of its own. */
      readonly road?: Exclude<WeightsRoad, 'plain'>;
    }
  /** The chain already held the wanted effect, so that nothing was sent. */
  | { readonly kind: 'already'; readonly block: Blocks }
  /** The chain, or our own protection, will not have it; trying again would give the same. */
  | { readonly kind: 'refused'; readonly code: string; readonly detail: string }
  | { readonly kind: 'deadline'; readonly deadline: Blocks; readonly detail: string }
  | { readonly kind: 'superseded'; readonly by: string }
  /** The deployment's mode signs nothing. */
  | { readonly kind: 'withheld'; readonly mode: 'watch' | 'dry-run' };

export interface WriteSettled {
  readonly key: string;
  readonly outcome: WriteOutcome;
}

export type WeightsCall = Extract<ChainCall, { kind: 'set_weights' }>;

/** The key under which the reveal of a committed vector is settled. */
export const revealKey = (key: string): string => `${key}/reveal`;
