import type { Hex } from '../../../../domain/units.ts';
import { subtensorCalls } from '../../declaration/pallets/subtensor-calls.ts';
import { subtensorErrors as errors } from '../../declaration/pallets/subtensor-errors.ts';
import { subtensorEvents } from '../../declaration/pallets/subtensor-events.ts';
import { hyperparameters } from '../../declaration/pallets/subtensor-hyperparameters.ts';
import { neurons } from '../../declaration/pallets/subtensor-neurons.ts';
import type { State } from '../../state/state.ts';
import { DispatchFailure, refusal } from '../failure.ts';
import { type Context, type Handler, handler, signer } from '../handler.ts';
import { ensureStake, passesRateLimit } from '../weights/gates.ts';
import { setWeights, type Vector } from '../weights/set-weights.ts';

/** The checks of the pool: stake first, whoever signs, and then the rate limit of a registered signer. */
function check({ state, block, origin }: Context, vector: Vector): void {
  if (origin.kind !== 'signed') return;
  ensureStake(state, origin.who, vector.netuid);
  if (state.get(hyperparameters.commitRevealWeightsEnabled, vector.netuid)) return;
  const uid = state.get(neurons.uids, vector.netuid, origin.who);
  if (uid !== null && !passesRateLimit(state, vector, uid, block)) throw refusal(errors.SettingWeightsTooFast);
}

function run(context: Context, vector: Vector): void {
  setPlain(context.state, signer(context), context.block, vector);
}

function setPlain(state: State, who: Hex, block: number, vector: Vector): void {
  if (state.get(hyperparameters.commitRevealWeightsEnabled, vector.netuid)) throw refusal(errors.CommitRevealEnabled);
  setWeights(state, who, block, vector);
}

const free = { paysFee: false, refTime: 15_540_000_000n } as const;

export const weightHandlers: readonly Handler[] = [
  handler(subtensorCalls.setWeights, {
    ...free,
    check: (context, args) => check(context, { ...args, mecid: 0 }),
    run: (context, args) => run(context, { ...args, mecid: 0 }),
  }),
  handler(subtensorCalls.setMechanismWeights, { ...free, check, run }),
  handler(subtensorCalls.batchSetWeights, {
    ...free,
    check: ({ state, origin }, { netuids, weights, version_keys: keys }) => {
      if (netuids.length !== weights.length || netuids.length !== keys.length)
        throw refusal(errors.InputLengthsUnequal);
      if (origin.kind !== 'signed') return;
      for (const netuid of netuids) ensureStake(state, origin.who, netuid);
    },
    run: (context, { netuids, weights, version_keys: keys }) => {
      const who = signer(context);
      eachOnItsOwn(context.state, who, netuids, (state, netuid, at) => {
        const pairs = weights[at] ?? [];
        setPlain(state, who, context.block, {
          netuid,
          mecid: 0,
          dests: pairs.map(([dest]) => dest),
          weights: pairs.map(([, weight]) => weight),
          version_key: keys[at] ?? 0n,
        });
      });
    },
  }),
];

/** One subnet's failure leaves the others alone: the call succeeds and its events say what became of each. */
export function eachOnItsOwn(
  whole: State,
  who: Hex,
  netuids: readonly number[],
  run: (state: State, netuid: number, at: number) => void,
): void {
  let failed = false;
  for (const [at, netuid] of netuids.entries()) {
    try {
      whole.transaction((state) => run(state, netuid, at));
    } catch (error) {
      if (!(error instanceof DispatchFailure)) throw error;
      failed = true;
      whole.emit(subtensorEvents.batchWeightItemFailed, { 0: netuid, 1: error.error });
    }
  }
  if (failed) whole.emit(subtensorEvents.batchCompletedWithErrors, {});
  else whole.emit(subtensorEvents.batchWeightsCompleted, { 0: netuids, 1: who });
}
