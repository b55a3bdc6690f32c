import { u32 } from '../../scale/primitive.ts';
import { declarePallet } from '../pallet.ts';
import { storageOf } from '../storage.ts';

const { pallet } = declarePallet('SafeMode', 20);
const { optional } = storageOf('SafeMode');

/** Up to which block most calls are filtered; root enters it by the state, for its own calls are not here. */
export const safeMode = { enteredUntil: optional('EnteredUntil', u32) };

export const safeModePallet = pallet({ storage: safeMode });
