import type { Codec } from '@polkadot/types/types';
import { blake2AsHex } from '@polkadot/util-crypto';
import { fail } from '../../domain/errors/error.ts';
import type { Beacon } from '../../domain/timelock/beacon.ts';
import { blocks, type Hex, type Hotkey, type Netuid } from '../../domain/units.ts';
import type { CommitRevealState, HashCommit, TimelockCommit } from '../../domain/weights-road.ts';
import { accountOf, bigintOf, blockOf, booleanOf, field, listOf, numberOf } from './decode.ts';
import { epochIndex, hasStatefulEpochs, nextEpochStart } from './epochs.ts';
import { hexOf } from './json.ts';
import { mechanismIndex } from './mechanism.ts';
import type { BlockReader } from './reader.ts';
import type { Runtime } from './runtime.ts';
import { slot } from './storage.ts';

const has = (runtime: Runtime, item: string): boolean => runtime.meta.query['subtensorModule']?.[item] !== undefined;

/** What commit-reveal on one subnet and mechanism looks like to one hotkey, at one block. */
export async function readCommitReveal(
  runtime: Runtime,
  reader: BlockReader,
  { netuid, mecid, hotkey }: { readonly netuid: Netuid; readonly mecid: number; readonly hotkey: Hotkey },
  at: Hex,
): Promise<CommitRevealState> {
  const module = 'SubtensorModule';
  const index = mechanismIndex(netuid, mecid);
  const [number, enabled, period, tempo, hashes] = await reader.values(
    [
      slot(runtime, 'System', 'Number'),
      slot(runtime, module, 'CommitRevealWeightsEnabled', netuid),
      slot(runtime, module, 'RevealPeriodEpochs', netuid),
      slot(runtime, module, 'Tempo', netuid),
      slot(runtime, module, 'WeightCommits', index, hotkey),
    ],
    at,
  );
  const block = blockOf(number ?? undefined, 'System.Number');
  const nextEpoch = await nextEpochStart(runtime, reader, netuid, at);
  const stateful = hasStatefulEpochs(runtime);
  const counted = await epochIndex(runtime, reader, netuid, at);
  // An epoch that is due in the next block has begun for the extrinsics of that block.
  const epoch = stateful && nextEpoch !== null && nextEpoch <= block + 1 ? counted + 1 : counted;
  const periodEpochs = Number(bigintOf(period ?? undefined, 'RevealPeriodEpochs'));
  return {
    block,
    enabled: booleanOf(enabled ?? undefined, 'CommitRevealWeightsEnabled'),
    period: periodEpochs,
    tempo: blockOf(tempo ?? undefined, 'Tempo'),
    epoch,
    nextEpoch,
    hashes: hashes == null ? [] : [...listOf(hashes, 'WeightCommits')].map((entry) => hashCommitOf(entry, stateful)),
    timelocks: has(runtime, 'timelockedWeightCommits')
      ? await timelocksOf(runtime, reader, index, hotkey, { from: counted - periodEpochs, to: epoch }, at)
      : [],
  };
}

/** (hash, epoch, block, 0) with epochs as state; (hash, block, first, last) before. */
function hashCommitOf(entry: Codec, stateful: boolean): HashCommit {
  const [hash, second, third, fourth] = Array.isArray(entry) ? (entry as readonly Codec[]) : [];
  const own = hexOf(hash?.toHex(), 'WeightCommits');
  const number = (value: Codec | undefined) => Number(bigintOf(value, 'WeightCommits'));
  return stateful
    ? { hash: own, epoch: number(second), block: blocks(number(third)), window: null }
    : {
        hash: own,
        epoch: null,
        block: blocks(number(second)),
        window: { first: blocks(number(third)), last: blocks(number(fourth)) },
      };
}

/** The hotkey's own entries of the epochs that are not opened yet. */
async function timelocksOf(
  runtime: Runtime,
  reader: BlockReader,
  index: number,
  hotkey: Hotkey,
  { from, to }: { readonly from: number; readonly to: number },
  at: Hex,
): Promise<readonly TimelockCommit[]> {
  const epochs: number[] = [];
  for (let epoch = Math.max(0, from); epoch <= to; epoch++) epochs.push(epoch);
  const slots = epochs.map((epoch) => slot(runtime, 'SubtensorModule', 'TimelockedWeightCommits', index, epoch));
  const values = await reader.values(slots, at);
  return values.flatMap((value, position) =>
    listOf(value ?? undefined, 'TimelockedWeightCommits').flatMap((entry): readonly TimelockCommit[] => {
      const [who, block, bytes, round] = Array.isArray(entry) ? (entry as readonly Codec[]) : [];
      if (who === undefined || bytes === undefined || accountOf(who, 'committer') !== hotkey) return [];
      return [
        {
          hash: commitHash(bytes.toU8a(true)),
          block: blocks(Number(bigintOf(block, 'commit block'))),
          epoch: epochs[position] ?? 0,
          round: Number(bigintOf(round, 'commit round')),
        },
      ];
    }),
  );
}

/** By which a ciphertext is known: blake2b-256, as in the chain's event. */
export const commitHash = (ciphertext: Uint8Array): Hex => hexOf(blake2AsHex(ciphertext, 256), 'commit hash');

/** What a timelocked commit needs besides the vector. */
export interface TimelockTerms {
  readonly beacon: Beacon;
  /** The chain refuses rounds at or below it. */
  readonly lastStoredRound: number;
  /** What the call has to name. */
  readonly version: number;
  /** The time of this block, in milliseconds since 1970. */
  readonly nowMs: number;
}

export async function readTimelockTerms(runtime: Runtime, reader: BlockReader, at: Hex): Promise<TimelockTerms> {
  const [config, last, version, now] = await reader.values(
    [
      slot(runtime, 'Drand', 'BeaconConfig'),
      slot(runtime, 'Drand', 'LastStoredRound'),
      slot(runtime, 'SubtensorModule', 'CommitRevealWeightsVersion'),
      slot(runtime, 'Timestamp', 'Now'),
    ],
    at,
  );
  if (config == null) throw fail('OST_CHAIN_UNSUPPORTED', { what: 'Drand.BeaconConfig' });
  return {
    beacon: {
      publicKey: field(config, 'publicKey').toU8a(true),
      genesisS: numberOf(field(config, 'genesisTime'), 'genesisTime'),
      periodS: numberOf(field(config, 'period'), 'period'),
    },
    lastStoredRound: Number(bigintOf(last ?? undefined, 'LastStoredRound')),
    version: numberOf(version ?? undefined, 'CommitRevealWeightsVersion'),
    nowMs: numberOf(now ?? undefined, 'Timestamp'),
  };
}

/** A reveal as the hash covers it. */
export interface HashedVector {
  readonly hotkey: Hotkey;
  readonly netuid: Netuid;
  readonly mecid: number;
  readonly uids: readonly number[];
  readonly values: readonly number[];
  readonly salt: readonly number[];
  readonly versionKey: string;
}

/** blake2b-256 over SCALE of (hotkey, subnet and mechanism, uids, values, salt, version key). */
export function vectorHash(runtime: Pick<Runtime, 'registry'>, vector: HashedVector): Hex {
  const { hotkey, netuid, mecid, uids, values, salt, versionKey } = vector;
  const tuple = runtime.registry.createType('(AccountId32,u16,Vec<u16>,Vec<u16>,Vec<u16>,u64)', [
    hotkey,
    mechanismIndex(netuid, mecid),
    [...uids],
    [...values],
    [...salt],
    versionKey,
  ]);
  return hexOf(blake2AsHex(tuple.toU8a(), 256), 'vector hash');
}
