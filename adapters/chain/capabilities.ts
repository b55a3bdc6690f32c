import { commitmentDistance, hasCommitmentSpace } from './commitment-limits.ts';
import { blockOf, numberOf } from './decode.ts';
import { hasStatefulEpochs } from './epochs.ts';
import { constant, type Runtime } from './runtime.ts';

/** What this chain can do, as its metadata tell. Versions say nothing: test builds and mainnet number differently. */
export interface Capabilities {
  /** `commit_timelocked_weights` in the form with a version. */
  readonly timelock: boolean;
  readonly mechanisms: boolean;
  readonly metagraph: 'selective' | 'whole' | 'none';
  /** The name of the least stake for weights. */
  readonly stakeThreshold: 'StakeThreshold' | 'WeightsMinStake' | 'none';
  /** Fields that a commitment may have. */
  readonly maxFields: number;
  /** `get_next_epoch_start_block`; without it the legacy arithmetic holds. */
  readonly nextEpoch: boolean;
  /** Epochs are counted in the state, or follow from the block number. */
  readonly epochs: 'stateful' | 'legacy';
  /** Commitments are limited by room per epoch rather than by a distance in blocks. */
  readonly commitmentSpace: boolean;
  /** That distance, where it is the limit. */
  readonly commitmentDistance: number | null;
  /** How pool errors are numbered (see domain/chain-failure.ts). */
  readonly poolCodes: 'rao' | 'current';
  /** By the constants of the runtime; the devnet runs at another pace, so streams measure it. */
  readonly blockTimeMs: number;
}

export function capabilitiesOf(runtime: Runtime): Capabilities {
  const { query, tx } = runtime.meta;
  const has = (method: string) => runtime.methods.has(`SubnetInfoRuntimeApi_${method}`);
  const maxFields = constant(runtime, 'Commitments', 'MaxFields');
  const period = constant(runtime, 'Timestamp', 'MinimumPeriod');
  const stakeThreshold = query['subtensorModule']?.['stakeThreshold'] !== undefined;
  const minStake = query['subtensorModule']?.['weightsMinStake'] !== undefined;
  return {
    timelock: tx['subtensorModule']?.['commitTimelockedWeights'] !== undefined,
    mechanisms: tx['subtensorModule']?.['setMechanismWeights'] !== undefined,
    metagraph: has('get_selective_metagraph') ? 'selective' : has('get_metagraph') ? 'whole' : 'none',
    stakeThreshold: stakeThreshold ? 'StakeThreshold' : minStake ? 'WeightsMinStake' : 'none',
    maxFields: maxFields === null ? 1 : numberOf(maxFields, 'MaxFields'),
    nextEpoch: has('get_next_epoch_start_block'),
    epochs: hasStatefulEpochs(runtime) ? 'stateful' : 'legacy',
    commitmentSpace: hasCommitmentSpace(runtime),
    commitmentDistance: commitmentDistance(runtime),
    // The test build alone keeps the weight of TAO per subnet; what came after it numbers its refusals anew.
    poolCodes: minStake && query['subtensorModule']?.['taoWeight']?.meta.type.isMap === true ? 'rao' : 'current',
    blockTimeMs: period === null ? 12_000 : 2 * blockOf(period, 'MinimumPeriod'),
  };
}
