import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { stringToHex } from '@polkadot/util';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { WriteRequest } from '../../domain/chain-write.ts';
import { type Blocks, blocks, netuid } from '../../domain/units.ts';
import { requestWrite, resolveForeign, writerStatus } from '../../workflows/writer/messages.ts';
import { buildUntil, isQuiet, outcomeOf, recordedOf } from '../faults/chain/look.ts';
import { callOf, send } from '../faults/chain/others.ts';
import { type Bench, openWorld, type World, writerUri } from '../faults/chain/world.ts';
import { testTemporal } from '../setup/temporal.ts';

const temporal = await testTemporal();
const tao = 1_000_000_000n;
let folder = '';
let world: World;
let bench: Bench | null = null;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ostinato-foreign-'));
  world = await openWorld({ ...temporal, bundlePath: temporal.bundlePath, folder });
}, 60_000);

afterEach(async () => {
  await bench?.close();
  bench = null;
});

afterAll(async () => {
  await world?.close();
  await rm(folder, { recursive: true, force: true });
});

/** A writer that has written once, all of it final. */
async function open(options: { readonly nominalBlockTimeMs?: number } = {}): Promise<Bench> {
  bench = await world.open({ balances: { [writerUri]: 100n * tao }, ...options });
  for (let i = 0; i < 4; i++) await bench.devnet.buildBlock();
  await asked(bench, commitment('first'));
  await buildUntil(bench, () => isQuiet(bench as Bench));
  return bench;
}

const commitment = (text: string, deadline: Blocks | null = null): WriteRequest => ({
  key: `commitment/${text}`,
  call: { kind: 'set_commitment', netuid: netuid(1), text },
  deadline,
  replyTo: null,
});

async function asked(of: Bench, request: WriteRequest) {
  await of.writer.signal(requestWrite, request);
  await buildUntil(of, async () => (await outcomeOf(of, request.key)) !== null);
  return outcomeOf(of, request.key);
}

/** What another deployment with the same key would send. */
const foreignCommitment = (of: Bench, text: string) =>
  callOf(of, 'Commitments', 'set_commitment', 1, { fields: [{ [`Raw${text.length}`]: stringToHex(text) }] });

const stopped = async ({ writer }: Bench) => (await writer.query(writerStatus)).stopped;
const calls = async (of: Bench) => (await recordedOf(of)).map(({ call }) => call);

describe('another deployment that signs with this hotkey', () => {
  test('stops the writer at its next look, and nothing is sent until an operator says which one lives', async () => {
    const on = await open();
    await send(on, writerUri, foreignCommitment(on, 'theirs'));
    await on.devnet.buildBlock();
    await on.writer.signal(requestWrite, commitment('second'));
    await buildUntil(on, async () => (await stopped(on)) !== null, { most: 3 });
    expect(await stopped(on)).toMatch(/^OST_WRITER_FOREIGN_WRITE: another deployment signs with this hotkey: nonce/);
    expect(await stopped(on)).toContain('commitments.setCommitment');
    const { searchAttributes } = await on.writer.describe();
    expect(searchAttributes['NeedsOperator']).toEqual([true]);
    for (let i = 0; i < 10; i++) await on.devnet.buildBlock();
    expect(await calls(on)).toEqual(['setCommitment', 'setCommitment']);

    await on.writer.executeUpdate(resolveForeign, { args: ['this'] });
    await buildUntil(on, async () => (await outcomeOf(on, 'commitment/second')) !== null);
    expect(await outcomeOf(on, 'commitment/second')).toMatchObject({ kind: 'included' });
    expect(await calls(on)).toEqual(['setCommitment', 'setCommitment', 'setCommitment']);
    await expect(on.writer.executeUpdate(resolveForeign, { args: ['this'] })).rejects.toThrow();
  }, 60_000);

  test('is noticed by a writer that has nothing to do, too', async () => {
    const on = await open({ nominalBlockTimeMs: 100 });
    await send(on, writerUri, foreignCommitment(on, 'theirs'));
    await on.devnet.buildBlock();
    // Nothing is asked of it, and no block comes.
    while ((await stopped(on)) === null) await setTimeout(100);
    expect(await stopped(on)).toContain('commitments.setCommitment');
    expect(await calls(on)).toEqual(['setCommitment', 'setCommitment']);
  }, 60_000);

  test('is noticed by what it wrote, where a proxy moved no nonce', async () => {
    const on = await open();
    await send(on, writerUri, callOf(on, 'Proxy', 'add_proxy', alice, 'Any', 0));
    await on.devnet.buildBlock();
    // That was the operator's own doing, and is what the writer has to be told of first.
    await on.writer.signal(requestWrite, commitment('second'));
    await buildUntil(on, async () => (await stopped(on)) !== null);
    await on.writer.executeUpdate(resolveForeign, { args: ['this'] });
    await buildUntil(on, () => isQuiet(on));

    await send(on, '//Alice', callOf(on, 'Proxy', 'proxy', on.hotkey, null, foreignCommitment(on, 'theirs')));
    await on.devnet.buildBlock();
    await on.writer.signal(requestWrite, commitment('third'));
    await buildUntil(on, async () => (await stopped(on)) !== null);
    expect(await stopped(on)).toContain('signs with this hotkey: commitment');
  }, 60_000);

  test('goes on alone when the operator says so: this one answers everybody that it writes no more', async () => {
    const on = await open();
    await send(on, writerUri, foreignCommitment(on, 'theirs'));
    await on.devnet.buildBlock();
    await on.writer.signal(requestWrite, commitment('second'));
    await buildUntil(on, async () => (await stopped(on)) !== null);
    await on.writer.executeUpdate(resolveForeign, { args: ['other'] });
    await buildUntil(on, async () => (await outcomeOf(on, 'commitment/second')) !== null);
    expect(await outcomeOf(on, 'commitment/second')).toMatchObject({ kind: 'refused', code: 'OST_WRITER_RETIRED' });
    expect(await asked(on, commitment('third'))).toMatchObject({ code: 'OST_WRITER_RETIRED' });
    expect(await calls(on)).toEqual(['setCommitment', 'setCommitment']);
  }, 60_000);

  test('does not keep anybody waiting beyond a deadline', async () => {
    const on = await open();
    await send(on, writerUri, foreignCommitment(on, 'theirs'));
    await on.devnet.buildBlock();
    const { number } = on.devnet.head();
    expect(await asked(on, commitment('second', blocks(number + 6)))).toMatchObject({ kind: 'deadline' });
    expect(await stopped(on)).not.toBeNull();
  }, 60_000);
});

test('two writers of one hotkey on one chain cannot be in a cluster', async () => {
  const on = await open();
  const start = temporal.client.workflow.start('ChainWriterWorkflow', {
    workflowId: on.writer.workflowId,
    taskQueue: 'another',
    args: [],
  });
  await expect(start).rejects.toThrow(WorkflowExecutionAlreadyStartedError);
}, 60_000);

const alice = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY';
