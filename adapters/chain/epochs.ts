import { type Blocks, blocks, type Hex, type Netuid } from '../../domain/units.ts';
import { bigintOf, blockOf, numberOf, optionOf } from './decode.ts';
import type { BlockReader } from './reader.ts';
import type { Runtime } from './runtime.ts';
import { runtimeCall } from './runtime-call.ts';
import { slot } from './storage.ts';

const nextEpochMethod = 'SubnetInfoRuntimeApi_get_next_epoch_start_block';

/**
 * The first block after `block` whose epoch runs by the arithmetic of before spec 423: where block + netuid + 2 is a
 * multiple of tempo + 1. Null for a tempo of 0, which has no epochs.
 */
export function legacyEpochAfter(block: number, netuid: number, tempo: number): Blocks | null {
  if (tempo === 0) return null;
  const left = tempo - ((block + netuid + 1) % (tempo + 1));
  return blocks(block + (left === 0 ? tempo + 1 : left));
}

/** The index that commits of that time are kept under. It steps one block after the epoch has run. */
export const legacyEpochIndex = (block: number, netuid: number, tempo: number): number =>
  Math.floor((block + netuid + 1) / (tempo + 1));

/**
 * The block at which a subnet's next epoch begins at the earliest, seen from the block `at`: a runtime with epochs as
 * state may defer it by some blocks when several are due. Null where none is due.
 */
export async function nextEpochStart(
  runtime: Runtime,
  reader: BlockReader,
  netuid: Netuid,
  at: Hex,
): Promise<Blocks | null> {
  if (!runtime.methods.has(nextEpochMethod)) {
    const { block, tempo } = await blockAndTempo(runtime, reader, netuid, at);
    return legacyEpochAfter(block, netuid, tempo);
  }
  const { method, data, decode } = runtimeCall(runtime, nextEpochMethod, [netuid]);
  const start = optionOf(decode(await reader.call(method, data, at)), method);
  return start === null ? null : blockOf(start, method);
}

/** Counts a subnet's epochs; commits to weights and room for commitments are kept by it. */
export async function epochIndex(runtime: Runtime, reader: BlockReader, netuid: Netuid, at: Hex): Promise<number> {
  if (!hasStatefulEpochs(runtime)) {
    const { block, tempo } = await blockAndTempo(runtime, reader, netuid, at);
    return legacyEpochIndex(block, netuid, tempo);
  }
  const [index] = await reader.values([slot(runtime, 'SubtensorModule', 'SubnetEpochIndex', netuid)], at);
  return Number(bigintOf(index ?? undefined, 'SubnetEpochIndex'));
}

export const hasStatefulEpochs = (runtime: Runtime): boolean =>
  runtime.meta.query['subtensorModule']?.['subnetEpochIndex'] !== undefined;

async function blockAndTempo(runtime: Runtime, reader: BlockReader, netuid: Netuid, at: Hex) {
  const slots = [slot(runtime, 'System', 'Number'), slot(runtime, 'SubtensorModule', 'Tempo', netuid)];
  const [block, tempo] = await reader.values(slots, at);
  return { block: numberOf(block ?? undefined, 'System.Number'), tempo: numberOf(tempo ?? undefined, 'Tempo') };
}
