import type { Vec } from '@polkadot/types';
import type { EventRecord } from '@polkadot/types/interfaces';
import type { Codec } from '@polkadot/types/types';
import type { Place } from '../../domain/foreign-write.ts';
import { accountOf, numberOf } from './decode.ts';
import { mechanismIndex } from './mechanism.ts';
import type { Runtime } from './runtime.ts';

/** Where an event names the subnet (of weights: the subnet and mechanism in one number), and whose the write is. */
interface Fields {
  readonly subnet: number;
  readonly owner: number;
  /** Whether the owner is a uid instead of an account. */
  readonly byUid?: boolean;
}

const byAccount: Fields = { owner: 0, subnet: 1 };

/** The events of every write to a place, whichever call made it and in whatever it was wrapped. */
const eventsOf: Readonly<Record<Place['what'], Readonly<Record<string, Fields>>>> = {
  commitment: {
    'commitments.Commitment': { subnet: 0, owner: 1 },
    'commitments.TimelockCommitment': { subnet: 0, owner: 1 },
  },
  weights: {
    'subtensorModule.WeightsSet': { subnet: 0, owner: 1, byUid: true },
    'subtensorModule.WeightsCommitted': byAccount,
    'subtensorModule.WeightsRevealed': byAccount,
    'subtensorModule.CRV3WeightsCommitted': byAccount,
    'subtensorModule.TimelockedWeightsCommitted': byAccount,
  },
};

/** The indexes of a block's extrinsics that wrote to a place, by the block's events. */
export function writesTo(runtime: Runtime, events: Codec, place: Place): readonly number[] {
  const records = runtime.registry.createType<Vec<EventRecord>>('Vec<EventRecord>', events.toU8a());
  const found = new Set<number>();
  for (const { phase, event } of records) {
    if (!phase.isApplyExtrinsic) continue;
    const fields = eventsOf[place.what][`${event.section}.${event.method}`];
    if (fields !== undefined && isTo(place, fields, event.data)) found.add(phase.asApplyExtrinsic.toNumber());
  }
  return [...found];
}

function isTo(place: Place, { subnet, owner, byUid = false }: Fields, data: readonly Codec[]): boolean {
  const index = place.what === 'weights' ? mechanismIndex(place.netuid, place.mecid) : place.netuid;
  if (numberOf(data[subnet], 'subnet of an event') !== index) return false;
  if (!byUid) return accountOf(data[owner], 'account of an event') === place.hotkey;
  return place.what === 'weights' && numberOf(data[owner], 'uid of an event') === place.uid;
}
