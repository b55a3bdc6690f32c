import { subtensorErrors as errors } from '../declaration/pallets/subtensor-errors.ts';
import { hyperparameters } from '../declaration/pallets/subtensor-hyperparameters.ts';
import { subnet } from '../declaration/pallets/subtensor-subnet.ts';
import type { HyperparameterName } from '../declaration/pallets/subtensor-types.ts';
import type { StateReader } from '../state/state.ts';
import { badOrigin, refusal } from './failure.ts';
import { type Context, signer } from './handler.ts';
import { isDue, nextEpochBlock } from './schedule.ts';

/** Whether an epoch is so near that the owner may not change what it counts with. */
export function isFrozen(state: StateReader, netuid: number, block: number): boolean {
  const next = nextEpochBlock(state, netuid);
  if (next === null) return false;
  const window = BigInt(state.get(hyperparameters.adminFreezeWindow));
  return isDue(state, netuid, BigInt(block)) || next - BigInt(block) < window;
}

export function ensureOwner(context: Context, netuid: number): void {
  if (context.origin.kind !== 'signed' || context.origin.who !== context.state.get(subnet.subnetOwner, netuid))
    throw badOrigin();
}

/** Kinds of transactions that have a limit of their own, by their numbers in storage. */
const KINDS = { weightsVersionKey: 4, tempo: 11 } as const;

/** Which limit a setting comes under: that of hyperparameters, in epochs, or one of its own, in blocks. */
export type Turn =
  | { readonly hyperparameter: HyperparameterName }
  | { readonly kind: keyof typeof KINDS; readonly blocks: bigint };

/**
 * Root may change a setting at any time. The subnet's owner may not in the last blocks before an epoch, and each
 * setting only once in so many epochs.
 */
export function ensureOwnerOrRoot(context: Context, netuid: number, turn: Turn): void {
  const { state, block, origin } = context;
  if (origin.kind === 'root') return;
  ensureOwner(context, netuid);
  if (isFrozen(state, netuid, block)) throw refusal(errors.AdminActionProhibitedDuringWeightsWindow);
  takeTurn(context, netuid, turn);
}

/** Throws TxRateLimitExceeded where the owner's last change of this kind is not long enough ago. */
export function takeTurn(context: Context, netuid: number, turn: Turn): void {
  const { state, block } = context;
  const check = (last: bigint, limit: bigint) => {
    if (last > 0n && BigInt(block) - last < limit) throw refusal(errors.TxRateLimitExceeded);
  };
  if ('kind' in turn) {
    const keys = [signer(context), netuid, KINDS[turn.kind]] as const;
    check(state.get(hyperparameters.transactionKeyLastBlock, ...keys), turn.blocks);
    state.set(hyperparameters.transactionKeyLastBlock, keys, BigInt(block));
    return;
  }
  const name = { kind: turn.hyperparameter, value: {} };
  const key = { kind: 'OwnerHyperparamUpdate', value: { 0: netuid, 1: name } } as const;
  const epochs = BigInt(state.get(hyperparameters.ownerHyperparamRateLimit));
  check(
    state.get(hyperparameters.lastRateLimitedBlock, key),
    epochs * BigInt(state.get(hyperparameters.tempo, netuid)),
  );
  state.set(hyperparameters.lastRateLimitedBlock, [key], BigInt(block));
}
