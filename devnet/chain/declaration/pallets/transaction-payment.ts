import { AccountId32, FixedU128 } from '../../scale/known.ts';
import { u8, u64 } from '../../scale/primitive.ts';
import { declarePallet } from '../pallet.ts';
import { storageOf } from '../storage.ts';

const { value } = storageOf('TransactionPayment');
const { event, constant, pallet } = declarePallet('TransactionPayment', 6);

export const transactionPayment = {
  nextFeeMultiplier: value('NextFeeMultiplier', FixedU128, { bits: 1_000_000_000_000_000_000n }),
};

export const transactionPaymentEvents = {
  feePaid: event(0, 'TransactionFeePaid', { who: AccountId32, actual_fee: u64, tip: u64 }),
};

export const transactionPaymentPallet = pallet({
  storage: transactionPayment,
  events: transactionPaymentEvents,
  constants: [constant('OperationalFeeMultiplier', u8, 5)],
});
