import type { ChainCommitment } from '../../domain/chain.ts';
import { readCommitPayload } from '../../domain/commit-payload.ts';
import type { CycleCommitments } from '../../domain/cycle-assignment.ts';
import { phaseRange, type Schedule } from '../../domain/phases.ts';
import type { ReadCommitment } from '../../domain/roster.ts';
import { blocks, type Netuid } from '../../domain/units.ts';
import type { ChainClient } from './client.ts';

/**
 * Everything that the chain says of a cycle's miner commits. All reads are at fixed blocks: what is sent upon a phase's
 * last block is in the next one, and there the slots are read, as the originals do.
 *
 * @throws OST_CHAIN_STATE_PRUNED where neither an endpoint nor an archive has those states any more
 */
export async function readCommitments(
  chain: Pick<ChainClient, 'blockHash' | 'commitments' | 'snapshot'>,
  netuid: Netuid,
  schedule: Schedule,
  cycle: number,
): Promise<CycleCommitments> {
  const first = phaseRange(schedule, cycle, 'MinerCommit1');
  const second = phaseRange(schedule, cycle, 'MinerCommit2');
  const afterSecond = blocks(second.end + 1);
  return {
    snapshot: await chain.snapshot(netuid, await chain.blockHash(afterSecond)),
    first: (await chain.commitments(netuid, first.end + 1)).map(read),
    second: (await chain.commitments(netuid, afterSecond)).map(read),
    firstPhaseStart: first.start,
    secondPhaseStart: second.start,
    lastCommitHash: await chain.blockHash(second.end),
  };
}

const read = (commitment: ChainCommitment): ReadCommitment => ({
  commitment,
  payload: readCommitPayload(commitment.text),
});
