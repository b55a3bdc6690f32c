import { assignMiners } from '../../domain/assignment.ts';
import { evaluationRows } from '../../domain/batches.ts';
import type { ChainCommitment } from '../../domain/chain.ts';
import { readCommitPayload } from '../../domain/commit-payload.ts';
import type { CyclePlan } from '../../domain/cycle-plan.ts';
import { isOstinatoError } from '../../domain/errors/error.ts';
import { phaseRange } from '../../domain/phases.ts';
import {
  committedSeeds,
  joinCommitments,
  type ReadCommitment,
  type Roster,
  type RosterEntry,
  seatsOf,
} from '../../domain/roster.ts';
import { blockHashSeed, combineSeeds } from '../../domain/seeds.ts';
import { commitMessage, decodeSignature } from '../../domain/signed-message.ts';
import { blocks } from '../../domain/units.ts';
import type { CycleActivities, FreezeInput } from './activities.ts';
import type { ValidatorDeps } from './deps.ts';

/**
 * Reads the chain once for a whole cycle. All reads are at fixed blocks, so that a repetition, or a start hours
 * later, gives the same roster; a start days later may find that no node knows those blocks any more.
 */
export const freezeRoster =
  (deps: ValidatorDeps): CycleActivities['freezeRoster'] =>
  async (input) => {
    try {
      return { kind: 'ok', value: await readRoster(deps, input) };
    } catch (error) {
      if (!isOstinatoError(error, 'OST_CHAIN_STATE_PRUNED')) throw error;
      const { neurons } = await deps.chain.snapshot(deps.netuid);
      return { kind: 'unknown', reason: 'state_pruned', detail: error.message, seats: seatsOf(neurons) };
    }
  };

async function readRoster(deps: ValidatorDeps, { plan, ownSeed }: FreezeInput): Promise<Roster> {
  const { chain, netuid } = deps;
  const first = phaseRange(plan.schedule, plan.cycle, 'MinerCommit1');
  const second = phaseRange(plan.schedule, plan.cycle, 'MinerCommit2');
  // What is sent upon a phase's last block is in the next one: the slots are read there, as the originals do.
  const afterFirst = blocks(first.end + 1);
  const afterSecond = blocks(second.end + 1);
  const snapshot = await chain.snapshot(netuid, await chain.blockHash(afterSecond));
  const signatures = (await chain.commitments(netuid, afterFirst)).map(read);
  const hashes = (await chain.commitments(netuid, afterSecond)).map(read);

  const seed = await seedOf(deps, plan, committedSeeds(signatures, snapshot, first.start), second.end);
  const joined = joinCommitments({
    snapshot,
    validator: deps.hotkey,
    first: signatures,
    second: hashes,
    firstPhaseStart: first.start,
    secondPhaseStart: second.start,
    groups: plan.groups,
    verify: (modelHash, signature, hotkey) => {
      const bytes = decodeSignature(signature);
      return bytes !== null && deps.verify(commitMessage(modelHash), bytes, hotkey);
    },
  });
  const entries = await Promise.all(joined.map((entry) => place(deps, entry)));
  return {
    seats: seatsOf(snapshot.neurons),
    seed,
    entries,
    assigned: assigned(deps, seed, ownSeed, entries),
    batches: await batchesOf(deps, plan, seed.combined),
  };
}

const read = (commitment: ChainCommitment): ReadCommitment => ({
  commitment,
  payload: readCommitPayload(commitment.text),
});

type Seed = NonNullable<Roster['seed']>;

/** Seeds as committed; where nobody committed one, the hash of a block that came after the models' signatures. */
async function seedOf(
  { chain }: ValidatorDeps,
  plan: CyclePlan,
  validators: Seed['validators'],
  lastCommitBlock: number,
): Promise<Seed> {
  if (plan.seedSource === 'validator_commits' && validators.length > 0) {
    return { source: 'validator_commits', combined: combineSeeds(validators), validators };
  }
  const hash = await chain.blockHash(blocks(lastCommitBlock));
  return { source: 'block_hash', combined: blockHashSeed(hash), validators };
}

/** Adds the extrinsic's index, which settles who was first where two commit the same hash in one block. */
async function place({ chain, netuid }: ValidatorDeps, entry: Omit<RosterEntry, 'commitIndex'>): Promise<RosterEntry> {
  if (entry.modelHash === null) return { ...entry, commitIndex: null };
  const position = await chain.commitmentPosition(netuid, entry.hotkey, entry.commitBlock);
  return { ...entry, commitIndex: position?.index ?? null };
}

/** The share of this validator. One whose own seed came too late still judges by it rather than not at all. */
function assigned(
  { hotkey }: ValidatorDeps,
  seed: Seed,
  ownSeed: FreezeInput['ownSeed'],
  entries: readonly RosterEntry[],
): Roster['assigned'] {
  const own = seed.validators.some((validator) => validator.hotkey === hotkey);
  const validators = own ? seed.validators : [...seed.validators, { hotkey, seed: ownSeed }];
  const miners = entries.map((entry) => entry.hotkey).toSorted();
  const mine = assignMiners({ validators, miners, maxPerValidator: null }).find((each) => each.validator === hotkey);
  const chosen = new Set(mine?.miners ?? []);
  return entries.flatMap((entry) => (chosen.has(entry.hotkey) ? [entry.hotkey] : []));
}

const batchesOf = async (
  { corpus }: ValidatorDeps,
  { groups, evalRows, evalBatchSize }: CyclePlan,
  combined: string,
): Promise<Roster['batches']> =>
  Array.from({ length: groups }, (_, group) => ({
    group,
    rows: evaluationRows(combined, group, corpus.heldOutRows(group), evalRows),
    batchSize: evalBatchSize,
  }));
