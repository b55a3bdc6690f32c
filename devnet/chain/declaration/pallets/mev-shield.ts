import { boundedBytes } from '../../scale/composite.ts';
import { declarePallet } from '../pallet.ts';
import { storageOf } from '../storage.ts';

const { optional } = storageOf('MevShield');
const { call, errors, pallet } = declarePallet('MevShield', 30);

/** No author of this chain announces a key; root may put one here. */
export const mevShield = {
  currentKey: optional('CurrentKey', boundedBytes(2048)),
  nextKey: optional('NextKey', boundedBytes(2048)),
};

export const mevShieldCalls = { submitEncrypted: call(1, 'submit_encrypted', { ciphertext: boundedBytes(8192) }) };

export const mevShieldPallet = pallet({
  storage: mevShield,
  calls: mevShieldCalls,
  errors: errors('BadEncKeyLen', 'Unreachable', 'TooManyPendingExtrinsics', 'WeightExceedsAbsoluteMax'),
});
