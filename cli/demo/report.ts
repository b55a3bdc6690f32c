import { writeFile } from 'node:fs/promises';
import type { ChainClient } from '../../adapters/chain/client.ts';
import type { Ledger } from '../../adapters/ledger/open.ts';
import type { WriteRow } from '../../adapters/ledger/writes.ts';
import type { CycleRecord } from '../../domain/cycle-record.ts';
import { uid as asUid, type Netuid } from '../../domain/units.ts';
import { minerId } from '../../temporal/ids.ts';

/** What one cycle did, from the ledger, with the weights as the chain gives them back. */
export interface CycleReport extends CycleRecord {
  readonly merkleRoot: string;
  readonly weights: {
    readonly outcome: string;
    readonly block: number | null;
    readonly extrinsicHash: string | null;
    readonly uids: readonly number[];
    readonly values: readonly number[];
    /** Read from the chain, at the block of inclusion. */
    readonly onChain: readonly (readonly [uid: number, value: number])[];
  } | null;
  readonly minerWorkflows: readonly string[];
}

/** The report of the cycles with these numbers, oldest first. */
export async function reportOf(
  ledger: Ledger,
  chain: ChainClient,
  hotkey: CycleRecord['hotkey'],
  cycles: readonly number[],
): Promise<readonly CycleReport[]> {
  const reports: CycleReport[] = [];
  for (const cycle of cycles) {
    const stored = await ledger.cycles.get(hotkey, cycle);
    if (stored === null) continue;
    const { record, root } = stored;
    const write = record.weightsKey === null ? null : await ledger.writes.get(record.weightsKey);
    reports.push({
      ...record,
      merkleRoot: root,
      weights: write === null ? null : await weightsOf(chain, record.netuid, hotkey, write),
      minerWorkflows: record.submissions.map((each) => minerId(record.chain, record.netuid, each.hotkey)),
    });
  }
  return reports;
}

async function weightsOf(
  chain: ChainClient,
  netuid: Netuid,
  hotkey: CycleRecord['hotkey'],
  { outcome }: WriteRow,
): Promise<CycleReport['weights']> {
  const kind = outcome?.kind ?? 'open';
  if (outcome?.kind !== 'included') {
    return { outcome: kind, block: null, extrinsicHash: null, uids: [], values: [], onChain: [] };
  }
  const at = await chain.blockHash(outcome.block);
  const own = await chain.registration(netuid, hotkey, at);
  const onChain = own === null ? [] : await chain.weights(netuid, asUid(own), 0, at);
  const { block, extrinsicHash, uids, values } = outcome;
  return { outcome: kind, block, extrinsicHash, uids, values, onChain };
}

export const writeReport = (file: string, report: unknown): Promise<void> =>
  writeFile(file, `${JSON.stringify(report, null, 2)}\n`);
