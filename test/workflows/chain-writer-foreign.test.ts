import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { stringToHex } from '@polkadot/util';
import { blake2AsHex } from '@polkadot/util-crypto';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { DevnetOptions } from '../../devnet/chain/start.ts';
import type { WriteOutcome, WriteRequest } from '../../domain/chain-write.ts';
import { type Blocks, blocks, type Hex, type Hotkey, hotkey, netuid } from '../../domain/units.ts';
import { requestWrite, resolveForeign, writerStatus } from '../../workflows/writer/messages.ts';
import { request } from '../devnet/chain/support.ts';
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
async function open(options: Partial<DevnetOptions> = {}): Promise<Bench> {
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

/** What somebody sends whom the hotkey has made its proxy: no nonce of the hotkey moves. */
const throughProxy = (of: Bench, call: ReturnType<typeof callOf>) =>
  callOf(of, 'Proxy', 'proxy', of.hotkey, null, call);

/** A writer whose operator has made //Alice the hotkey's proxy, and has said that this was his own doing. */
async function withProxy(options: Partial<DevnetOptions> = {}): Promise<Bench> {
  const on = await open(options);
  await send(on, writerUri, callOf(on, 'Proxy', 'add_proxy', alice, 'Any', 0));
  await on.devnet.buildBlock();
  await on.writer.signal(requestWrite, commitment('told'));
  await buildUntil(on, async () => (await stopped(on)) !== null);
  await on.writer.executeUpdate(resolveForeign, { args: ['this'] });
  await buildUntil(on, async () => (await outcomeOf(on, 'commitment/told')) !== null);
  await buildUntil(on, () => isQuiet(on));
  return on;
}

const weights = (of: Bench, key: string, values: readonly number[]): WriteRequest => {
  const hotkeys: readonly Hotkey[] = [of.hotkey, hotkey(alice)];
  return {
    key,
    call: {
      kind: 'set_weights',
      netuid: netuid(1),
      mecid: 0,
      // Ahead of this chain's blocks, so that nothing counts as set already.
      period: blocks(1_000_000),
      weights: hotkeys.map((each, index) => ({ hotkey: each, weight: values[index] ?? 0 })),
      versionKey: '0',
    },
    deadline: null,
    replyTo: null,
  };
};

const stopped = async ({ writer }: Bench) => (await writer.query(writerStatus)).stopped;

async function untilStopped(of: Bench): Promise<void> {
  while ((await stopped(of)) === null) await setTimeout(50);
}

/** Waits for an outcome that takes no further block. */
async function settled(of: Bench, key: string): Promise<WriteOutcome> {
  for (;;) {
    const outcome = await outcomeOf(of, key);
    if (outcome !== null) return outcome;
    await setTimeout(50);
  }
}

/** Asks for a write and waits until its bytes are signed; gives their hash. */
async function signed(of: Bench, request: WriteRequest): Promise<string> {
  await of.writer.signal(requestWrite, request);
  for (;;) {
    const { open } = await of.writer.query(writerStatus);
    const hash = open.find((write) => write.hash !== null)?.hash;
    if (hash != null) return hash;
    await setTimeout(20);
  }
}

/** Asks for a write and waits until the pool has it: the test builds one block, and no other would take it in. */
async function submitted(of: Bench, request: WriteRequest): Promise<void> {
  const hash = await signed(of, request);
  while (!(await pooled(of)).includes(hash)) await setTimeout(20);
}

/** The hashes of what waits in the pool. */
const pooled = async ({ devnet }: Bench): Promise<readonly string[]> =>
  ((await request(devnet, 'author_pendingExtrinsics')) as readonly Hex[]).map((bytes) => blake2AsHex(bytes));

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
    await untilStopped(on);
    expect(await stopped(on)).toContain('commitments.setCommitment');
    expect(await calls(on)).toEqual(['setCommitment', 'setCommitment']);
  }, 60_000);

  test('is noticed by what it wrote, where a proxy moved no nonce', async () => {
    const on = await withProxy();
    await send(on, '//Alice', throughProxy(on, foreignCommitment(on, 'theirs')));
    await on.devnet.buildBlock();
    await on.writer.signal(requestWrite, commitment('third'));
    await buildUntil(on, async () => (await stopped(on)) !== null);
    expect(await stopped(on)).toContain('signs with this hotkey: commitment');
  }, 60_000);

  test('is told apart in the very block of an own write, and what it wrote over is written again', async () => {
    const on = await withProxy();
    await submitted(on, commitment('second'));
    // Ours is in the pool; theirs comes behind it, into the same block, and is what the chain keeps.
    await send(on, '//Alice', throughProxy(on, foreignCommitment(on, 'theirs')));
    await on.devnet.buildBlock();
    await untilStopped(on);
    const { number, hash } = await on.chain.head();
    expect((await recordedOf(on)).at(-1)).toMatchObject({ block: number, call: 'setCommitment', error: null });
    expect(await on.chain.commitment(netuid(1), on.hotkey, hash)).toMatchObject({ block: number, text: 'theirs' });
    expect(await stopped(on)).toMatch(
      /^OST_WRITER_FOREIGN_WRITE: .* commitment, commitment\/1 of .* changed in block \d+ by 0x[0-9a-f]{64}, too/,
    );
    expect(await outcomeOf(on, 'commitment/second')).toBeNull();

    await on.writer.executeUpdate(resolveForeign, { args: ['this'] });
    await buildUntil(on, async () => (await outcomeOf(on, 'commitment/second')) !== null);
    expect(await outcomeOf(on, 'commitment/second')).toMatchObject({ kind: 'included' });
    const stored = await on.chain.commitment(netuid(1), on.hotkey, (await on.chain.head()).hash);
    expect(stored?.text).toBe('second');
  }, 60_000);

  test('is told apart in the very block of an own write that came behind it and won, too', async () => {
    const on = await withProxy();
    await send(on, '//Alice', throughProxy(on, foreignCommitment(on, 'theirs')));
    await submitted(on, commitment('second'));
    await on.devnet.buildBlock();
    await untilStopped(on);
    const { number, hash } = await on.chain.head();
    expect(await on.chain.commitment(netuid(1), on.hotkey, hash)).toMatchObject({ block: number, text: 'second' });
    // The ledger hears of it a moment after the writer has stopped.
    expect(await settled(on, 'commitment/second')).toMatchObject({ kind: 'included', block: number });
    expect(await stopped(on)).toContain('commitment/1 of');
  }, 60_000);

  test('is told apart in the block before an own write that covers it up', async () => {
    const on = await withProxy();
    // Ours is signed and lost by the pool, so that it is sent again, behind theirs.
    on.devnet.faults.loseTransactions(1);
    await signed(on, commitment('second'));
    await on.gate.opens(on.writer);
    await send(on, '//Alice', throughProxy(on, foreignCommitment(on, 'theirs')));
    await on.devnet.buildBlock();
    await buildUntil(on, async () => (await outcomeOf(on, 'commitment/second')) !== null);
    expect(await stopped(on)).toBeNull();
    await on.writer.signal(requestWrite, commitment('third'));
    await buildUntil(on, async () => (await stopped(on)) !== null, { most: 3 });
    expect(await stopped(on)).toContain('signs with this hotkey: commitment');
  }, 60_000);

  test.each(['plain', 'timelock'])(
    'is told apart in the very block of own weights (%s)',
    async (road) => {
      const on = await withProxy({ subnet: { weightsRateLimit: 0, commitReveal: road === 'timelock' } });
      await submitted(on, weights(on, 'weights/1', [65_535, 1]));
      const [one, two] = await Promise.all(
        [on.hotkey, alice].map((who) => on.chain.registration(netuid(1), hotkey(who))),
      );
      const theirs =
        road === 'plain'
          ? callOf(on, 'SubtensorModule', 'set_weights', 1, [one, two], [1, 65_535], 0)
          : callOf(on, 'SubtensorModule', 'commit_timelocked_weights', 1, '0x1234', 1_000_000_000, 4);
      await send(on, '//Alice', throughProxy(on, theirs));
      await on.devnet.buildBlock();
      await untilStopped(on);
      expect(await stopped(on)).toContain('weights, weights/1/0 of');
      // Theirs replaced a plain vector; a commitment stands beside it.
      const { open: wanted } = await on.writer.query(writerStatus);
      expect(wanted.map(({ key }) => key)).toEqual(road === 'plain' ? ['weights/1'] : []);
    },
    60_000,
  );

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
