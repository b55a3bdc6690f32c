import { readDirectory } from '../../adapters/peers/directory.ts';
import { readCommitPayload } from '../../domain/commit-payload.ts';
import { isOstinatoError } from '../../domain/errors/error.ts';
import type { CommittedModel } from '../../domain/merge/majority.ts';
import { cycleLength, phaseRange, type Schedule } from '../../domain/phases.ts';
import { type Blocks, blocks } from '../../domain/units.ts';
import type { ValidatorDeps } from '../cycle/deps.ts';
import type { CommittedModels, MergeActivities } from './activities.ts';

/** How far back a model is looked for, in cycles: as far as the originals accept a version. */
const lookedBack = 3;

export const readPeers =
  ({ chain, netuid, hotkey }: ValidatorDeps): MergeActivities['readPeers'] =>
  ({ block }) =>
    readDirectory(chain, netuid, hotkey, block);

/**
 * All of it is read at one block, the one after ValidatorCommit2, where a cycle's last word stands for ever. A
 * validator that committed nothing in that phase has said nothing, whatever older text its slot holds.
 */
export const readCommitted =
  (deps: ValidatorDeps): MergeActivities['readCommitted'] =>
  async ({ schedule, cycle }) => {
    if (cycle !== null) return readCycle(deps, schedule, cycle);
    const { chain, netuid, hotkey } = deps;
    const { number: head } = await chain.head();
    const directory = await readDirectory(chain, netuid, hotkey, head);
    const last = Math.floor(head / cycleLength(schedule)) - 1;
    const nothing = { cycle: last, directory, committed: [] };
    if (directory.peers.length === 1) return nothing;
    for (let back = 0; back < lookedBack && last - back >= 0; back++) {
      const found = await readCycle(deps, schedule, last - back);
      if (found.committed.length > 0) return found;
    }
    return nothing;
  };

async function readCycle(deps: ValidatorDeps, schedule: Schedule, cycle: number): Promise<CommittedModels> {
  // By the lengths alone: the index of a cycle knows no anchor.
  const { start, end } = phaseRange({ name: schedule.name, lengths: schedule.lengths }, cycle, 'ValidatorCommit2');
  try {
    return await readAt(deps, cycle, start, blocks(end + 1));
  } catch (error) {
    if (!isOstinatoError(error, 'OST_CHAIN_STATE_PRUNED')) throw error;
    // The slots of now: what was written in that phase still stands in them, or the heartbeat that repeats it.
    return readAt(deps, cycle, start, (await deps.chain.head()).number);
  }
}

async function readAt(
  { chain, netuid, hotkey }: ValidatorDeps,
  cycle: number,
  since: Blocks,
  at: Blocks,
): Promise<CommittedModels> {
  const directory = await readDirectory(chain, netuid, hotkey, at);
  const committed = (await chain.commitments(netuid, at)).flatMap(({ hotkey: of, block, text }): CommittedModel[] => {
    const payload = readCommitPayload(text);
    if (block < since || directory.peers.every((peer) => peer.hotkey !== of)) return [];
    if ((payload.kind !== 'hash' && payload.kind !== 'heartbeat') || payload.modelHash === null) return [];
    return [{ hotkey: of, hash: payload.modelHash, version: payload.version }];
  });
  return { cycle, directory, committed };
}
