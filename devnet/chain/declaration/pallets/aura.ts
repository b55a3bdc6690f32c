import { u64 } from '../../scale/primitive.ts';
import { declarePallet } from '../pallet.ts';

const { constant, pallet } = declarePallet('Aura', 3);

/** Who builds blocks is nobody's question here; how long one takes is read by clients that estimate waits. */
export const auraPallet = (slotDurationMs: bigint) =>
  pallet({ constants: [constant('SlotDuration', u64, slotDurationMs)] });
