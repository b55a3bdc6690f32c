import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** `bigint` is what PostgreSQL needs for blocks and bytes; SQLite reads it as an integer of any size. */
const big = 'bigint';
const float = 'double precision';

async function protection(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('protection')
    .addColumn('genesis', 'text', (column) => column.notNull())
    .addColumn('netuid', 'integer', (column) => column.notNull())
    .addColumn('mecid', 'integer', (column) => column.notNull())
    .addColumn('hotkey', 'text', (column) => column.notNull())
    .addColumn('period', big, (column) => column.notNull())
    .addColumn('uids', 'text', (column) => column.notNull())
    .addColumn('weights', 'text', (column) => column.notNull())
    .addColumn('claimed_at_ms', big, (column) => column.notNull())
    .addPrimaryKeyConstraint('protection_key', ['genesis', 'netuid', 'mecid', 'hotkey', 'period'])
    .execute();
}

async function receiving(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('receipt')
    .addColumn('chain', 'text', (column) => column.notNull())
    .addColumn('netuid', 'integer', (column) => column.notNull())
    .addColumn('validator', 'text', (column) => column.notNull())
    .addColumn('cycle', big, (column) => column.notNull())
    .addColumn('hotkey', 'text', (column) => column.notNull())
    .addColumn('expert_group', 'integer', (column) => column.notNull())
    .addColumn('model_hash', 'text', (column) => column.notNull())
    .addColumn('digest', 'text', (column) => column.notNull())
    .addColumn('bytes', big, (column) => column.notNull())
    .addColumn('block', big, (column) => column.notNull())
    .addColumn('received_at_block', big, (column) => column.notNull())
    .addPrimaryKeyConstraint('receipt_key', ['chain', 'netuid', 'validator', 'cycle', 'hotkey'])
    .execute();
  await db.schema
    .createTable('request')
    .addColumn('key', 'text', (column) => column.primaryKey().notNull())
    .addColumn('block', big, (column) => column.notNull())
    .execute();
  await db.schema.createIndex('request_block').on('request').column('block').execute();
  await db.schema
    .createTable('watermark')
    .addColumn('name', 'text', (column) => column.primaryKey().notNull())
    .addColumn('block', big, (column) => column.notNull())
    .execute();
}

async function cycles(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('cycle')
    .addColumn('id', big, (column) => column.primaryKey().notNull())
    .addColumn('chain', 'text', (column) => column.notNull())
    .addColumn('genesis', 'text', (column) => column.notNull())
    .addColumn('netuid', 'integer', (column) => column.notNull())
    .addColumn('hotkey', 'text', (column) => column.notNull())
    .addColumn('cycle', big, (column) => column.notNull())
    .addColumn('start_block', big, (column) => column.notNull())
    .addColumn('end_block', big, (column) => column.notNull())
    .addColumn('workflow_id', 'text', (column) => column.notNull())
    .addColumn('run_id', 'text', (column) => column.notNull())
    .addColumn('result', 'text', (column) => column.notNull())
    .addColumn('weights_key', 'text')
    .addColumn('schedule', 'text', (column) => column.notNull())
    .addColumn('seed', 'text')
    .addColumn('score_rule', 'text', (column) => column.notNull())
    .addColumn('model_before', 'text', (column) => column.notNull())
    .addColumn('model_after', 'text', (column) => column.notNull())
    .addColumn('held_out', 'text')
    .addColumn('notes', 'text', (column) => column.notNull())
    .addColumn('root', 'text', (column) => column.notNull())
    .addColumn('stored_at_ms', big, (column) => column.notNull())
    .addUniqueConstraint('cycle_key', ['hotkey', 'genesis', 'netuid', 'cycle'])
    .execute();
}

/** The rows of a cycle keep their place in the record, because the root depends on it. */
async function cycleRows(db: Kysely<unknown>): Promise<void> {
  const rows = (name: string) =>
    db.schema
      .createTable(name)
      .addColumn('cycle_id', big, (column) => column.notNull().references('cycle.id'))
      .addColumn('position', 'integer', (column) => column.notNull())
      .addPrimaryKeyConstraint(`${name}_key`, ['cycle_id', 'position']);
  const mined = (name: string) =>
    rows(name)
      .addColumn('hotkey', 'text', (column) => column.notNull())
      .addColumn('uid', 'integer', (column) => column.notNull());

  await mined('cycle_submission')
    .addColumn('expert_group', 'integer', (column) => column.notNull())
    .addColumn('outcome', 'text', (column) => column.notNull())
    .addColumn('reason', 'text')
    .addColumn('detail', 'text')
    .addColumn('model_hash', 'text')
    .addColumn('digest', 'text')
    .addColumn('bytes', big)
    .addColumn('commit_block', big)
    .addColumn('commit_index', 'integer')
    .addColumn('loss_before', float)
    .addColumn('loss_after', float)
    .addColumn('w', float)
    .addColumn('workflow_id', 'text', (column) => column.notNull())
    .execute();
  await mined('cycle_score')
    .addColumn('score_before', float)
    .addColumn('observation', float)
    .addColumn('score_after', float, (column) => column.notNull())
    .execute();
  await rows('cycle_weight')
    .addColumn('hotkey', 'text', (column) => column.notNull())
    .addColumn('weight', 'integer', (column) => column.notNull())
    .execute();
  await rows('cycle_batch')
    .addColumn('expert_group', 'integer', (column) => column.notNull())
    .addColumn('row_numbers', 'text', (column) => column.notNull())
    .addColumn('batch_size', 'integer', (column) => column.notNull())
    .execute();
}

async function writing(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('chain_write')
    .addColumn('key', 'text', (column) => column.primaryKey().notNull())
    .addColumn('chain', 'text', (column) => column.notNull())
    .addColumn('hotkey', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('request', 'text', (column) => column.notNull())
    .addColumn('outcome', 'text')
    .addColumn('extrinsic_hash', 'text')
    .addColumn('block', big)
    .addColumn('updated_at_ms', big, (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('prepared')
    .addColumn('hash', 'text', (column) => column.primaryKey().notNull())
    .addColumn('key', 'text', (column) => column.notNull())
    .addColumn('nonce', big, (column) => column.notNull())
    .addColumn('era_birth', big, (column) => column.notNull())
    .addColumn('era_period', 'integer', (column) => column.notNull())
    .addColumn('bytes_hex', 'text', (column) => column.notNull())
    .addColumn('prepared_at_ms', big, (column) => column.notNull())
    .execute();
  await db.schema.createIndex('prepared_write').on('prepared').column('key').execute();
}

export const first: Migration = {
  async up(db) {
    await protection(db);
    await receiving(db);
    await cycles(db);
    await cycleRows(db);
    await writing(db);
  },
};
