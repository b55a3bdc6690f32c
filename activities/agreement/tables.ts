import { countedPeers } from '../../domain/agreement/decide.ts';
import type { HeardTable } from '../../domain/agreement/record.ts';
import type { CycleRecord } from '../../domain/cycle-record.ts';
import { bodyDigest } from '../../domain/peers/message.ts';
import type { ValidatorDeps } from '../cycle/deps.ts';

/**
 * The record with the tables that its agreement follows from. They come from the ledger, for 64 validators' tables are
 * too large for a workflow's history; what was announced once cannot change there, so that a repetition adds the same.
 */
export async function withTables({ ledger }: Pick<ValidatorDeps, 'ledger'>, record: CycleRecord): Promise<CycleRecord> {
  const { agreement, genesis, netuid, startBlock, schedule } = record;
  if (agreement === undefined) return record;
  // Peers count cycles by the originals' index: the first block over the length.
  const cycle = Math.floor(startBlock / schedule.lengths.reduce((sum, each) => sum + each, 0));
  const held = await ledger.peers.list({ genesis, netuid, cycle, purpose: 'scores-table' });
  const tables = countedPeers(agreement).flatMap(({ hotkey, digest }): readonly HeardTable[] => {
    const found = held.find(({ message }) => message.from === hotkey && bodyDigest(message.body) === digest);
    if (found === undefined) return [];
    const { block, body, signature } = found.message;
    return [{ hotkey, block, body, signature }];
  });
  return { ...record, agreement: { ...agreement, tables } };
}
