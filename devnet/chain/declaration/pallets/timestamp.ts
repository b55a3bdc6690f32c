import { bool, compactLarge, u64 } from '../../scale/primitive.ts';
import { declarePallet } from '../pallet.ts';
import { storageOf } from '../storage.ts';

const { value } = storageOf('Timestamp');
const { call, constant, pallet } = declarePallet('Timestamp', 2);

export const timestamp = {
  now: value('Now', u64, 0n),
  didUpdate: value('DidUpdate', bool, false),
};

export const timestampCalls = { set: call(0, 'set', { now: compactLarge(u64) }) };

export const MINIMUM_PERIOD_MS = 6000n;

/** Half of the block time: clients derive block time and eras from it, so a faster chain says so. */
export const timestampPallet = (minimumPeriodMs: bigint = MINIMUM_PERIOD_MS) =>
  pallet({ storage: timestamp, calls: timestampCalls, constants: [constant('MinimumPeriod', u64, minimumPeriodMs)] });
