import { readCommitments } from '../../adapters/chain/cycle-commitments.ts';
import { selectRows } from '../../domain/batches.ts';
import { assignCycle, committedMiners } from '../../domain/cycle-assignment.ts';
import type { CyclePlan } from '../../domain/cycle-plan.ts';
import { isOstinatoError } from '../../domain/errors/error.ts';
import { joinCommitments, type Roster, type RosterEntry, seatsOf } from '../../domain/roster.ts';
import { commitMessage, decodeSignature } from '../../domain/signed-message.ts';
import type { CycleActivities, FreezeInput } from './activities.ts';
import type { ValidatorDeps } from './deps.ts';
import { peerWeights } from './peer-weights.ts';

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

async function readRoster(deps: ValidatorDeps, { plan }: FreezeInput): Promise<Roster> {
  const { chain, netuid, hotkey: own } = deps;
  const commitments = await readCommitments(chain, netuid, plan.schedule, plan.cycle);
  const joined = joinCommitments({
    ...commitments,
    validator: own,
    groups: plan.groups,
    verify: (modelHash, signature, hotkey) => {
      const bytes = decodeSignature(signature);
      return bytes !== null && deps.verify(commitMessage(modelHash), bytes, hotkey);
    },
  });
  const entries = await Promise.all(joined.map((entry) => place(deps, entry)));
  const { seed, assignment } = assignCycle(plan.seedSource, commitments);
  // Nobody said that they are a validator: then it is this one, which is at work.
  const known = assignment.length > 0 ? assignment : [{ validator: own, miners: committedMiners(commitments) }];
  const mine = new Set(known.find(({ validator }) => validator === own)?.miners ?? []);
  return {
    seats: seatsOf(commitments.snapshot.neurons),
    seed,
    entries,
    assignment: known,
    assigned: entries.flatMap(({ hotkey }) => (mine.has(hotkey) ? [hotkey] : [])),
    batches: await batchesOf(deps, plan, seed.combined),
    peerWeights: await peerWeights(deps, plan, commitments.snapshot, seed),
  };
}

/** Adds the extrinsic's index, which settles who was first where two commit the same hash in one block. */
async function place({ chain, netuid }: ValidatorDeps, entry: Omit<RosterEntry, 'commitIndex'>): Promise<RosterEntry> {
  if (entry.modelHash === null) return { ...entry, commitIndex: null };
  const position = await chain.commitmentPosition(netuid, entry.hotkey, entry.commitBlock);
  return { ...entry, commitIndex: position?.index ?? null };
}

const batchesOf = async (
  { corpus }: ValidatorDeps,
  { groups, evalRows, evalSelection, evalBatchSize }: CyclePlan,
  combined: string,
): Promise<Roster['batches']> =>
  Array.from({ length: groups }, (_, group) => ({
    group,
    rows: selectRows(evalSelection, { seed: combined, group, available: corpus.heldOutRows(group), wanted: evalRows }),
    batchSize: evalBatchSize,
  }));
