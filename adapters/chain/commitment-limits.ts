import { type Blocks, blocks, type Hex, type Hotkey, type Netuid } from '../../domain/units.ts';
import { field, numberOf } from './decode.ts';
import { epochIndex, nextEpochStart } from './epochs.ts';
import type { BlockReader } from './reader.ts';
import { constant, type Runtime } from './runtime.ts';
import { slot } from './storage.ts';

/** Bytes of commitments that a hotkey may write in one epoch of a subnet. */
export interface CommitmentSpace {
  /** Used in the present epoch. A commitment counts with 100 bytes at least. */
  readonly used: number;
  readonly max: number;
}

export const hasCommitmentSpace = (runtime: Runtime): boolean =>
  runtime.meta.query['commitments']?.['maxSpace'] !== undefined;

/** The distance in blocks between two commitments of one hotkey, on runtimes that limit it so; null on others. */
export function commitmentDistance(runtime: Runtime): number | null {
  const distance = constant(runtime, 'Commitments', 'RateLimit');
  return distance === null ? null : numberOf(distance, 'RateLimit');
}

/** Null where the runtime has no such budget. */
export async function commitmentSpace(
  runtime: Runtime,
  reader: BlockReader,
  netuid: Netuid,
  hotkey: Hotkey,
  at: Hex,
): Promise<CommitmentSpace | null> {
  if (!hasCommitmentSpace(runtime)) return null;
  const slots = [slot(runtime, 'Commitments', 'MaxSpace'), slot(runtime, 'Commitments', 'UsedSpaceOf', netuid, hotkey)];
  const [[max, usage], epoch] = await Promise.all([reader.values(slots, at), epochIndex(runtime, reader, netuid, at)]);
  // The entry is cleared by the next commitment only: one of an earlier epoch counts nothing.
  const current = usage != null && numberOf(field(usage, 'lastEpoch'), 'last_epoch') === epoch;
  return {
    used: current ? numberOf(field(usage, 'usedSpace'), 'used_space') : 0,
    max: numberOf(max ?? undefined, 'MaxSpace'),
  };
}

/**
 * The first block that may hold a hotkey's commitment again, once one was refused for coming too soon; null where that
 * is not known.
 */
export async function commitmentAllowedAt(
  runtime: Runtime,
  reader: BlockReader,
  netuid: Netuid,
  hotkey: Hotkey,
  at: Hex,
): Promise<Blocks | null> {
  if (hasCommitmentSpace(runtime)) return nextEpochStart(runtime, reader, netuid, at);
  const distance = commitmentDistance(runtime);
  if (distance === null) return null;
  const [last] = await reader.values([slot(runtime, 'Commitments', 'LastCommitment', netuid, hotkey)], at);
  return last == null ? null : blocks(numberOf(last, 'LastCommitment') + distance);
}
