import type { Kysely, Selectable } from 'kysely';
import type { Blocks, Bytes, Hotkey, Netuid } from '../../domain/units.ts';
import type { LedgerTables, ReceiptTable } from './tables.ts';

/** Whose cycle a submission belongs to. */
export interface CycleScope {
  /** The chain's name, as everywhere in workflow ids. */
  readonly chain: string;
  readonly netuid: Netuid;
  /** The validator's hotkey. */
  readonly validator: Hotkey;
  readonly cycle: number;
}

/** A submission that arrived complete and verified. */
export interface Receipt extends CycleScope {
  /** The miner's. */
  readonly hotkey: Hotkey;
  readonly group: number;
  readonly modelHash: string;
  readonly digest: string;
  readonly bytes: Bytes;
  /** The block that the signed message names. */
  readonly block: Blocks;
  readonly receivedAtBlock: Blocks;
  /** Where it was fetched; null, or left out, where its miner sent it. */
  readonly source?: string | null;
}

export interface Receipts {
  /** Accepts a miner's one submission of a cycle; `duplicate` where there is one already, which stays. */
  accept(receipt: Receipt): Promise<'accepted' | 'duplicate'>;
  find(key: CycleScope & { readonly hotkey: Hotkey }): Promise<Receipt | null>;
  /** SHA-256 of the files of the cycles that come after `scope.cycle`, which nobody has judged yet. */
  digestsAfter(scope: CycleScope): Promise<readonly string[]>;
  /** In ascending order of hotkeys. */
  list(scope: CycleScope): Promise<readonly Receipt[]>;
}

const receiptOf = (row: Selectable<ReceiptTable>): Receipt => ({
  chain: row.chain,
  netuid: row.netuid as Netuid,
  validator: row.validator as Hotkey,
  cycle: row.cycle,
  hotkey: row.hotkey as Hotkey,
  group: row.expert_group,
  modelHash: row.model_hash,
  digest: row.digest,
  bytes: row.bytes as Bytes,
  block: row.block as Blocks,
  receivedAtBlock: row.received_at_block as Blocks,
  ...(row.source === null ? {} : { source: row.source }),
});

export function receipts(db: Kysely<LedgerTables>): Receipts {
  const within = ({ chain, netuid, validator, cycle }: CycleScope) =>
    db
      .selectFrom('receipt')
      .selectAll()
      .where('chain', '=', chain)
      .where('netuid', '=', netuid)
      .where('validator', '=', validator)
      .where('cycle', '=', cycle);

  return {
    async accept(receipt) {
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('receipt')
        .values({
          chain: receipt.chain,
          netuid: receipt.netuid,
          validator: receipt.validator,
          cycle: receipt.cycle,
          hotkey: receipt.hotkey,
          expert_group: receipt.group,
          model_hash: receipt.modelHash,
          digest: receipt.digest,
          bytes: receipt.bytes,
          block: receipt.block,
          received_at_block: receipt.receivedAtBlock,
          source: receipt.source ?? null,
        })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirstOrThrow();
      return numInsertedOrUpdatedRows === 1n ? 'accepted' : 'duplicate';
    },

    async find(key) {
      const row = await within(key).where('hotkey', '=', key.hotkey).executeTakeFirst();
      return row === undefined ? null : receiptOf(row);
    },

    async digestsAfter({ chain, netuid, validator, cycle }) {
      const rows = await db
        .selectFrom('receipt')
        .select('digest')
        .distinct()
        .where('chain', '=', chain)
        .where('netuid', '=', netuid)
        .where('validator', '=', validator)
        .where('cycle', '>', cycle)
        .execute();
      return rows.map(({ digest }) => digest);
    },

    async list(scope) {
      const rows = await within(scope).orderBy('hotkey').execute();
      return rows.map(receiptOf);
    },
  };
}
