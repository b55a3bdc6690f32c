import { AccountId32, MultiAddress } from '../../scale/known.ts';
import { bool, compactLarge, u32, u64 } from '../../scale/primitive.ts';
import { declarePallet } from '../pallet.ts';
import { storageOf } from '../storage.ts';

const { value } = storageOf('Balances');
const { call, event, errors, constant, pallet } = declarePallet('Balances', 5);

export const balances = {
  totalIssuance: value('TotalIssuance', u64, 0n),
  inactiveIssuance: value('InactiveIssuance', u64, 0n),
};

const transfer = { dest: MultiAddress, value: compactLarge(u64) };
export const balancesCalls = {
  transferAllowDeath: call(0, 'transfer_allow_death', transfer),
  transferKeepAlive: call(3, 'transfer_keep_alive', transfer),
  transferAll: call(4, 'transfer_all', { dest: MultiAddress, keep_alive: bool }),
  forceSetBalance: call(8, 'force_set_balance', { who: MultiAddress, new_free: compactLarge(u64) }),
};

export const balancesEvents = {
  endowed: event(0, 'Endowed', { account: AccountId32, free_balance: u64 }),
  dustLost: event(1, 'DustLost', { account: AccountId32, amount: u64 }),
  transfer: event(2, 'Transfer', { from: AccountId32, to: AccountId32, amount: u64 }),
  balanceSet: event(3, 'BalanceSet', { who: AccountId32, free: u64 }),
  withdraw: event(8, 'Withdraw', { who: AccountId32, amount: u64 }),
};

export const balancesErrors = errors(
  'VestingBalance',
  'LiquidityRestrictions',
  'InsufficientBalance',
  'ExistentialDeposit',
  'Expendability',
  'ExistingVestingSchedule',
  'DeadAccount',
  'TooManyReserves',
  'TooManyHolds',
  'TooManyFreezes',
  'IssuanceDeactivated',
  'DeltaZero',
);

/** In rao: an account that falls below it is removed. */
export const EXISTENTIAL_DEPOSIT = 500n;

export const balancesPallet = pallet({
  storage: balances,
  calls: balancesCalls,
  events: balancesEvents,
  errors: balancesErrors,
  constants: [
    constant('ExistentialDeposit', u64, EXISTENTIAL_DEPOSIT),
    constant('MaxLocks', u32, 50),
    constant('MaxReserves', u32, 50),
    constant('MaxFreezes', u32, 50),
  ],
});
