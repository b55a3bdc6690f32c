import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { WriteRequest, WriteSettled } from '../../domain/chain-write.ts';
import type { ForeignDecision } from '../../domain/foreign-write.ts';
import type { Blocks, Hex } from '../../domain/units.ts';

/** Asks for a write; the answer is a {@link writeSettled} signal to `replyTo`. */
export const requestWrite = defineSignal<[WriteRequest]>('requestWrite');
/** The writer's answer. Every request gets one. */
export const writeSettled = defineSignal<[WriteSettled]>('writeSettled');

/** Operator: try again now whatever waits (the write of a key, or all for null); answers how many there were. */
export const retryNow = defineUpdate<number, [string | null]>('retryNow');
/** Operator: give up an open write. Refused for one whose signed bytes may still be included. */
export const drop = defineUpdate<void, [string]>('drop');

/** Operator: says which deployment goes on with the hotkey. Refused while nothing has stopped. */
export const resolveForeign = defineUpdate<void, [ForeignDecision]>('resolveForeign');
/** Operator: has seen the alarms; answers how many there were. */
export const acknowledge = defineUpdate<number>('acknowledge');

export const writerStatus = defineQuery<WriterStatus>('writerStatus');

export interface WriterStatus {
  readonly open: readonly {
    readonly key: string;
    readonly kind: string;
    readonly state: string;
    readonly hash: Hex | null;
    readonly wait: { readonly block: Blocks; readonly code: string; readonly detail: string } | null;
  }[];
  readonly notFinal: readonly string[];
  readonly finished: readonly { readonly key: string; readonly outcome: string }[];
  /** Committed weights that are not opened yet; never what opens them. */
  readonly committed: readonly { readonly key: string; readonly road: string; readonly block: Blocks }[];
  readonly alarms: readonly { readonly key: string; readonly code: string; readonly detail: string }[];
  /** Why nothing is written; null while writing goes on. */
  readonly stopped: string | null;
}
