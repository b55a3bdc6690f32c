import { MAX_BLOCK_BYTES, MAX_BLOCK_REF_TIME } from '../declaration/pallets/system.ts';
import type { BoundCall } from './handler.ts';

/** What a normal extrinsic, and all of a block together, may take: three quarters of the block. */
export const normalLimits = { refTime: (MAX_BLOCK_REF_TIME * 3n) / 4n, sizeBytes: (MAX_BLOCK_BYTES * 3) / 4 } as const;

/** Declared weight of a call with all that it carries, in picoseconds of computation. */
export const weightOf = (call: Pick<BoundCall, 'inner' | 'refTime'>, bind: (call: Uint8Array) => BoundCall): bigint =>
  call.inner.reduce((sum, each) => sum + weightOf(bind(each), bind), call.refTime);

/** How full a block is. */
export class Fullness {
  #refTime = 0n;
  #sizeBytes = 0;

  hasRoomFor(refTime: bigint, sizeBytes: number): boolean {
    return this.#refTime + refTime <= normalLimits.refTime && this.#sizeBytes + sizeBytes <= normalLimits.sizeBytes;
  }

  add(refTime: bigint, sizeBytes: number): void {
    this.#refTime += refTime;
    this.#sizeBytes += sizeBytes;
  }
}
