import { subtensorCalls } from '../../declaration/pallets/subtensor-calls.ts';
import { subtensorErrors as errors } from '../../declaration/pallets/subtensor-errors.ts';
import { hyperparameters } from '../../declaration/pallets/subtensor-hyperparameters.ts';
import { commitTimelocked, ensureFutureRound } from '../commit-reveal/timelocked.ts';
import { refusal } from '../failure.ts';
import { type Context, type Handler, handler, signer } from '../handler.ts';
import { ensureStake } from '../weights/gates.ts';
import type { Mechanism } from '../weights/mechanism.ts';

interface Sealed extends Mechanism {
  readonly commit: Uint8Array;
  readonly reveal_round: bigint;
}
interface Versioned extends Sealed {
  readonly commit_reveal_version: number;
}

/** Unlike that of a hash commit, the rate limit of these is no check of the pool. */
function check({ state, origin }: Context, { netuid, reveal_round: round }: Omit<Sealed, 'mecid'>): void {
  if (origin.kind !== 'signed') return;
  ensureStake(state, origin.who, netuid);
  ensureFutureRound(state, round);
}

function run(context: Context, args: Sealed): void {
  commitTimelocked(context.state, signer(context), context.block, args, args.commit, args.reveal_round);
}

function runVersioned(context: Context, args: Versioned): void {
  if (args.commit_reveal_version !== context.state.get(hyperparameters.commitRevealWeightsVersion))
    throw refusal(errors.IncorrectCommitRevealVersion);
  run(context, args);
}

const free = { paysFee: false, refTime: 65_780_000n } as const;

export const timelockedWeightHandlers: readonly Handler[] = [
  handler(subtensorCalls.commitTimelockedWeights, {
    ...free,
    check,
    run: (context, args) => runVersioned(context, { ...args, mecid: 0 }),
  }),
  handler(subtensorCalls.commitTimelockedMechanismWeights, { ...free, check, run: runVersioned }),
  handler(subtensorCalls.commitCrv3MechanismWeights, { ...free, check, run }),
];
