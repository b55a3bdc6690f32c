import type { WriteOutcome, WriteRequest } from '../../domain/chain-write.ts';
import type { Blocks, Hex, Hotkey } from '../../domain/units.ts';
import type { ActivityLog } from '../log.ts';

export interface WriteRecord {
  readonly key: string;
  readonly chain: string;
  readonly hotkey: Hotkey;
  readonly request: WriteRequest;
  readonly outcome: WriteOutcome;
}

export interface RecordWriteActivities {
  /** Keeps a settled write in the ledger; repeating it changes nothing. */
  recordWrite(record: WriteRecord): Promise<void>;
}

/** The ledger's table of writes (adapters/ledger/writes.ts). */
export interface WriteLedger {
  record(row: WriteRecord & { readonly extrinsicHash: Hex | null; readonly block: Blocks | null }): Promise<void>;
}

/** Activity of the `ledger` queue of a hotkey. */
export const createRecordWriteActivities = (
  { writes }: { readonly writes: WriteLedger },
  log: ActivityLog,
): RecordWriteActivities => ({
  async recordWrite(record) {
    const { outcome } = record;
    const included = outcome.kind === 'included';
    tell(log, record);
    await writes.record({
      ...record,
      extrinsicHash: included ? outcome.extrinsicHash : null,
      block: included || outcome.kind === 'already' ? outcome.block : null,
    });
  },
});

function tell(log: ActivityLog, { key, hotkey, request, outcome }: WriteRecord): void {
  const fields = { event: 'write_settled', key, hotkey, call: request.call.kind, outcome };
  if (outcome.kind === 'included' && outcome.road !== undefined) {
    log.info(
      fields,
      `Weights committed (${outcome.road}) at block ${outcome.block} | tx_hash: ${outcome.extrinsicHash}`,
    );
  } else if (request.call.kind === 'set_weights' && outcome.kind === 'included') {
    log.info(fields, `set_weights() called at block ${outcome.block} | tx_hash: ${outcome.extrinsicHash}`);
  } else {
    log.info(fields, `${key}: ${outcome.kind}${outcome.kind === 'included' ? ` in block ${outcome.block}` : ''}`);
  }
}
