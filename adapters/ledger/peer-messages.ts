import type { Kysely, Selectable } from 'kysely';
import { bodyDigest, everybody, type PeerPurpose, type SignedPeerMessage } from '../../domain/peers/message.ts';
import { type Blocks, blocks, type Hex, type Hotkey, hotkey, type Netuid, netuid } from '../../domain/units.ts';
import type { LedgerTables, PeerMessageTable } from './tables.ts';

/** A message with the block at which it came. */
export interface ReceivedPeerMessage {
  readonly message: SignedPeerMessage;
  readonly receivedAtBlock: Blocks;
}

export interface PeerMessageKey {
  readonly genesis: Hex;
  readonly netuid: Netuid;
  readonly cycle: number;
  readonly purpose: PeerPurpose;
}

/** What this validator and its peers said, by cycle and purpose. */
export interface PeerMessages {
  /**
   * Keeps a message whose signature was checked. `known`: the same body is there already, and what came first stays.
   * `contradicts`: two others of its author are there, and a third shows nothing new.
   */
  record(message: SignedPeerMessage, receivedAtBlock: Blocks): Promise<'new' | 'known' | 'contradicts'>;
  /** In ascending order of hotkeys, then of digests. */
  list(key: PeerMessageKey): Promise<readonly ReceivedPeerMessage[]>;
  /**
   * Forgets the messages of cycles before this one. The roots that `hotkey` signed stay, for it shows verdicts under
   * them; others' roots nobody asks for, and whoever sends them must not fill the disk.
   */
  prune(before: Pick<PeerMessageKey, 'genesis' | 'netuid' | 'cycle'> & { readonly hotkey: Hotkey }): Promise<number>;
}

/** As many as it takes to show that somebody contradicts itself; no stranger can have more written down. */
const keptOfOneAuthor = 2;

const receivedOf = (row: Selectable<PeerMessageTable>): ReceivedPeerMessage => ({
  receivedAtBlock: blocks(row.received_at_block),
  message: {
    purpose: row.purpose as PeerPurpose,
    genesis: row.genesis as Hex,
    netuid: netuid(row.netuid),
    cycle: row.cycle,
    from: hotkey(row.sender),
    to: row.recipient === everybody ? everybody : hotkey(row.recipient),
    block: blocks(row.block),
    body: row.body,
    signature: row.signature,
  },
});

export function peerMessages(db: Kysely<LedgerTables>): PeerMessages {
  const within = (source: Kysely<LedgerTables>, { genesis, netuid: subnet, cycle, purpose }: PeerMessageKey) =>
    source
      .selectFrom('peer_message')
      .where('genesis', '=', genesis)
      .where('netuid', '=', subnet)
      .where('cycle', '=', cycle)
      .where('purpose', '=', purpose);

  return {
    record: (message, receivedAtBlock) =>
      // One transaction, or two processes that count at once would let a third message in.
      db.transaction().execute(async (transaction) => {
        const digest = bodyDigest(message.body);
        const rows = await within(transaction, message).where('sender', '=', message.from).select('digest').execute();
        if (rows.some((row) => row.digest === digest)) return 'known';
        if (rows.length >= keptOfOneAuthor) return 'contradicts';
        const { numInsertedOrUpdatedRows } = await transaction
          .insertInto('peer_message')
          .values({
            genesis: message.genesis,
            netuid: message.netuid,
            cycle: message.cycle,
            purpose: message.purpose,
            sender: message.from,
            digest,
            recipient: message.to,
            block: message.block,
            body: message.body,
            signature: message.signature,
            received_at_block: receivedAtBlock,
          })
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirstOrThrow();
        return numInsertedOrUpdatedRows === 1n ? 'new' : 'known';
      }),

    async list(key) {
      return (await within(db, key).selectAll().orderBy('sender').orderBy('digest').execute()).map(receivedOf);
    },

    async prune({ genesis, netuid: subnet, cycle, hotkey: own }) {
      const { numDeletedRows } = await db
        .deleteFrom('peer_message')
        .where('genesis', '=', genesis)
        .where('netuid', '=', subnet)
        .where('cycle', '<', cycle)
        .where(({ eb, or }) => or([eb('purpose', '!=', 'cycle-root'), eb('sender', '!=', own)]))
        .executeTakeFirstOrThrow();
      return Number(numDeletedRows);
    },
  };
}
