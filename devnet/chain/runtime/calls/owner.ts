import { subtensorCalls as calls } from '../../declaration/pallets/subtensor-calls.ts';
import { subtensorErrors as errors } from '../../declaration/pallets/subtensor-errors.ts';
import { subtensorEvents as events } from '../../declaration/pallets/subtensor-events.ts';
import { hyperparameters } from '../../declaration/pallets/subtensor-hyperparameters.ts';
import { subnet } from '../../declaration/pallets/subtensor-subnet.ts';
import { refusal } from '../failure.ts';
import { type Handler, handler, signer } from '../handler.ts';
import { ensureOwner, ensureOwnerOrRoot, isFrozen, takeTurn } from '../owner.ts';
import { nextEpochBlock } from '../schedule.ts';

const TEMPO_BOUNDS = [360, 50_400] as const;
const TEMPO_COOLDOWN = 360n;
const FACTOR_BOUNDS = [1_000, 50_000] as const;
const pays = { paysFee: true, refTime: 25_000_000n } as const;

const inside = (value: number, [low, high]: readonly [number, number]) => value >= low && value <= high;

/** What a subnet's owner may do about its epochs. */
export const ownerHandlers: readonly Handler[] = [
  handler(calls.setTempo, {
    ...pays,
    run: (context, { netuid, tempo }) => {
      const { state, block } = context;
      ensureOwner(context, netuid);
      if (!inside(tempo, TEMPO_BOUNDS)) throw refusal(errors.TempoOutOfBounds);
      if (isFrozen(state, netuid, block)) throw refusal(errors.AdminActionProhibitedDuringWeightsWindow);
      takeTurn(context, netuid, { kind: 'tempo', blocks: TEMPO_COOLDOWN });
      state.set(hyperparameters.tempo, [netuid], tempo);
      state.set(subnet.lastEpochBlock, [netuid], BigInt(block));
      state.set(subnet.pendingEpochAt, [netuid], 0n);
      state.emit(events.tempoSet, { 0: netuid, 1: tempo });
    },
  }),
  handler(calls.setActivityCutoffFactor, {
    ...pays,
    run: (context, { netuid, factor_milli: factor }) => {
      if (!inside(factor, FACTOR_BOUNDS)) throw refusal(errors.ActivityCutoffFactorMilliOutOfBounds);
      ensureOwnerOrRoot(context, netuid, { hyperparameter: 'ActivityCutoffFactorMilli' });
      context.state.set(hyperparameters.activityCutoffFactorMilli, [netuid], factor);
      context.state.emit(events.activityCutoffFactorMilliSet, { netuid, factor_milli: factor });
    },
  }),
  handler(calls.triggerEpoch, {
    ...pays,
    run: (context, { netuid }) => {
      const { state, block } = context;
      ensureOwner(context, netuid);
      // A triggered epoch would come before the rounds that commits are sealed to.
      if (state.get(hyperparameters.commitRevealWeightsEnabled, netuid))
        throw refusal(errors.DynamicTempoBlockedByCommitReveal);
      if (state.get(subnet.pendingEpochAt, netuid) > 0n) throw refusal(errors.EpochTriggerAlreadyPending);
      const window = BigInt(state.get(hyperparameters.adminFreezeWindow));
      const next = nextEpochBlock(state, netuid);
      if (next === null || next - BigInt(block) < window) throw refusal(errors.AutoEpochAlreadyImminent);
      takeTurn(context, netuid, { hyperparameter: 'TriggerEpoch' });
      const firesAt = BigInt(block) + window;
      state.set(subnet.pendingEpochAt, [netuid], firesAt);
      state.emit(events.epochTriggered, { netuid, by: signer(context), fires_at: firesAt });
    },
  }),
];
