import { u8, u16, u32, u64 } from '../../scale/primitive.ts';
import { declarePallet } from '../pallet.ts';
import { subtensorCalls } from './subtensor-calls.ts';
import { subtensorErrors } from './subtensor-errors.ts';
import { subtensorEvents } from './subtensor-events.ts';
import { hyperparameters } from './subtensor-hyperparameters.ts';
import { neurons } from './subtensor-neurons.ts';
import { subnet } from './subtensor-subnet.ts';
import { unwritten } from './subtensor-unwritten.ts';

const { constant, pallet } = declarePallet('SubtensorModule', 7);

export const subtensorPallet = pallet({
  storage: { ...hyperparameters, ...subnet, ...neurons, ...unwritten },
  calls: subtensorCalls,
  events: subtensorEvents,
  errors: subtensorErrors,
  constants: [
    constant('InitialMinAllowedWeights', u16, 1024),
    constant('InitialTempo', u16, 360),
    constant('MinTempo', u16, 360),
    constant('MaxTempo', u16, 50_400),
    constant('MinActivityCutoffFactorMilli', u32, 1_000),
    constant('MaxActivityCutoffFactorMilli', u32, 50_000),
    constant('InitialStartCallDelay', u64, 0n),
    constant('InitialBurn', u64, 100_000_000n),
    constant('InitialMinBurn', u64, 500_000n),
    constant('InitialMaxBurn', u64, 100_000_000_000n),
    constant('InitialMaxAllowedUids', u16, 256),
    constant('InitialImmunityPeriod', u16, 4096),
    constant('InitialServingRateLimit', u64, 50n),
    constant('InitialMaxAllowedValidators', u16, 128),
    constant('InitialMaxEpochsPerBlock', u8, 2),
  ],
});
