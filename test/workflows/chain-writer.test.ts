import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeExtrinsic } from '../../adapters/chain/block.ts';
import { connectChain } from '../../adapters/chain/client.ts';
import { openLedger } from '../../adapters/ledger/open.ts';
import { type Devnet, startDevnet } from '../../devnet/chain/start.ts';
import type { ChainCall, WriteOutcome, WriteRequest } from '../../domain/chain-write.ts';
import { netuid } from '../../domain/units.ts';
import { chainLabel, writerId } from '../../temporal/ids.ts';
import { bundleWorkflows } from '../../workers/bundle.ts';
import type { WriterInput } from '../../workflows/writer/input.ts';
import { drop, requestWrite, retryNow, writerStatus } from '../../workflows/writer/messages.ts';
import { testTemporal } from '../setup/temporal.ts';
import { type HarnessInput, oneQueue, startWriterWorker } from './writer-harness.ts';
import { addressOf, commitment, weights } from './writer-requests.ts';

const temporal = await testTemporal();
const rateLimit = 12;
/** One hotkey for each test and for each moment of death, so that none meets another's rate limit. */
const uris = Array.from({ length: 20 }, (_, i) => `//Writer${i}`);
const unused = [...uris];

let folder = '';
let bundlePath = '';
/** Of nobody's tests but those that come one after the other: what they break would break for others, too. */
let faulty: Stage;
let stage: Stage;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ostinato-writer-'));
  bundlePath = join(folder, 'bundle.cjs');
  await writeFile(bundlePath, await bundleWorkflows(join(import.meta.dirname, 'writer-workflows.ts')));
  [stage, faulty] = [await openStage(), await openStage()];
}, 60_000);

afterEach(() => faulty.devnet.faults.clear());

afterAll(async () => {
  for (const each of [stage, faulty]) await each?.close();
  await rm(folder, { recursive: true, force: true });
});

/** A chain of its own, and a worker for all writers that a test makes on it. */
async function openStage() {
  const devnet = await startDevnet({
    folder: null,
    port: 0,
    blockTimeMs: 250,
    // A round is a signature, and nothing here waits for one.
    beaconPeriodS: 86_400,
    subnet: { weightsRateLimit: rateLimit },
    neurons: uris.map((account) => ({ account, role: 'validator' })),
  });
  const chain = await connectChain({ endpoints: [devnet.url] });
  const harness = harnessOf(devnet);
  const worker = await startWriterWorker(harness);
  return {
    devnet,
    chain,
    harness,
    worker,
    async close() {
      await worker.stop();
      await chain.close();
      await devnet.close();
    },
  };
}

type Stage = Awaited<ReturnType<typeof openStage>>;

const harnessOf = ({ url }: Devnet): HarnessInput => {
  const { address, namespace } = temporal;
  return { address, namespace, bundlePath, chainUrl: url, queue: `writer-${randomUUID()}` };
};

/** A hotkey with a folder for its ledger, and how its writer workflow is started. */
async function newAccount({ chain }: Stage, queue: string) {
  const uri = unused.shift();
  if (uri === undefined) throw new Error('no hotkey left');
  const account = addressOf(uri);
  const label = chainLabel(chain.genesis);
  const input: WriterInput = { chain: label, hotkey: account, queues: oneQueue(queue) };
  const options = { workflowId: writerId(label, account), taskQueue: queue, args: [input] };
  return {
    uri,
    account,
    folder: await mkdtemp(join(folder, 'hotkey-')),
    start: () => temporal.client.workflow.start('ChainWriterWorkflow', options),
  };
}

/** A hotkey with its own ledger and writer workflow. */
async function newWriter(on: Stage) {
  const { chain } = on;
  const { queue } = on.harness;
  const since = (await chain.head()).number;
  const { start, ...account } = await newAccount(on, queue);
  const ledger = await on.worker.add(account);
  return { ...account, chain, queue, since, ledger, handle: await start() };
}

type NewWriter = Awaited<ReturnType<typeof newWriter>>;

/** Runs `body` with a writer, and ends it. */
async function withWriter(body: (writer: NewWriter) => Promise<void>, on = stage): Promise<void> {
  const writer = await newWriter(on);
  try {
    await body(writer);
  } finally {
    await writer.handle.terminate();
  }
}

/** What the ledger says became of a write. */
async function outcomeOf({ ledger }: Pick<NewWriter, 'ledger'>, key: string): Promise<WriteOutcome> {
  for (;;) {
    const row = await ledger.writes.get(key);
    if (row?.outcome != null) return row.outcome;
    await sleep(50);
  }
}

const write = async (writer: NewWriter, request: WriteRequest): Promise<WriteOutcome> => {
  await writer.handle.signal(requestWrite, request);
  return outcomeOf(writer, request.key);
};

/** Every extrinsic of a writer's account since the writer was made, by its call. */
async function extrinsicsOf({
  account,
  since,
  chain,
}: Pick<NewWriter, 'account' | 'since' | 'chain'>): Promise<readonly string[]> {
  const found: string[] = [];
  const head = await chain.head();
  for (let number = since + 1; number <= head.number; number++) {
    const { extrinsics } = await chain.body(await chain.blockHash(number));
    for (const bytes of extrinsics) {
      const extrinsic = decodeExtrinsic(chain.runtime, bytes);
      if (extrinsic.isSigned && extrinsic.signer.toString() === account) found.push(extrinsic.method.method);
    }
  }
  return found;
}

const stored = async ({ account, chain }: NewWriter) => {
  const uid = await chain.registration(netuid(1), account);
  return uid === null ? null : chain.weights(netuid(1), uid, 0);
};

// The first, because it takes longest, and the others need not wait for it.
describe('a worker killed', () => {
  // "before" is between two steps; "after" is the worst moment, when a step had its effect and nobody knows.
  const moments = [
    ['prepareExtrinsic', 'before'],
    ['prepareExtrinsic', 'after'],
    ['submitExtrinsic', 'before'],
    ['submitExtrinsic', 'after'],
    ['confirmExtrinsic', 'before'],
    ['recordWrite', 'before'],
  ] as const;

  // All at once: what takes time is Temporal finding out that a worker is dead.
  test.concurrent('between any two steps leaves one extrinsic and one outcome', async () => {
    const { chain } = stage;
    const since = (await chain.head()).number;
    const harness = harnessOf(stage.devnet);
    const accounts = await Promise.all(
      moments.map(async ([activity, moment]) => ({ activity, moment, ...(await newAccount(stage, harness.queue)) })),
    );
    const handles = await Promise.all(accounts.map(({ start }) => start()));
    for (const handle of handles) await handle.signal(requestWrite, weights(1));
    const child = fork(
      join(import.meta.dirname, 'writer-child.ts'),
      [JSON.stringify(harness), JSON.stringify(accounts)],
      { execArgv: ['--disable-warning=ExperimentalWarning'], stdio: 'ignore' },
    );
    expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
    const worker = await startWriterWorker(harness, accounts);
    const results = await Promise.all(
      accounts.map(async ({ activity, moment, ...account }) => {
        const ledger = await openLedger({ file: join(account.folder, 'ledger.sqlite') });
        const { kind } = await outcomeOf({ ledger }, weights(1).key);
        await ledger.close();
        return { activity, moment, kind, extrinsics: await extrinsicsOf({ ...account, since, chain }) };
      }),
    );
    for (const handle of handles) await handle.terminate();
    await worker.stop();
    expect(results).toEqual(
      moments.map(([activity, moment]) => ({ activity, moment, kind: 'included', extrinsics: ['setWeights'] })),
    );
  }, 180_000);
});

describe('a write', () => {
  test.concurrent('is guarded, prepared, submitted, confirmed and answered, and the chain shows its effect', () =>
    withWriter(async (writer) => {
      const request = weights(1, 21845);
      const asker = await temporal.client.workflow.start('AskerWorkflow', {
        workflowId: `asker-${randomUUID()}`,
        taskQueue: writer.queue,
        args: [writer.handle.workflowId, [request], `asker-of-${writer.account}`],
      });
      await asker.terminate();
      const second = await temporal.client.workflow.execute('AskerWorkflow', {
        workflowId: `asker-of-${writer.account}`,
        taskQueue: writer.queue,
        args: [writer.handle.workflowId, [request], `asker-of-${writer.account}`],
      });
      expect(second).toEqual({ [request.key]: expect.objectContaining({ kind: 'included', values: [65535, 21845] }) });
      expect(await stored(writer)).toEqual([
        [0, 65535],
        [1, 21845],
      ]);
      while ((await writer.handle.query(writerStatus)).notFinal.length > 0) {
        await writer.chain.waitForBlock((await writer.chain.head()).number + 1);
      }
      const names = ['guardWrite', 'prepareExtrinsic', 'submitExtrinsic', 'confirmExtrinsic', 'recordWrite'];
      await outcomeOf(writer, request.key);
      expect(await writer.ledger.prepared.list(request.key)).toHaveLength(1);
      const { events } = await writer.handle.fetchHistory();
      const scheduled = events?.flatMap(
        ({ activityTaskScheduledEventAttributes: entry }) => entry?.activityType?.name ?? [],
      );
      expect(scheduled?.filter((name) => names.includes(name))).toEqual(names);
    }));

  test.concurrent('asked for a hundred times under one key is one extrinsic', () =>
    withWriter(async (writer) => {
      const request = commitment('hundred', 1_000_000);
      await Promise.all(Array.from({ length: 100 }, () => writer.handle.signal(requestWrite, request)));
      expect(await outcomeOf(writer, request.key)).toMatchObject({ kind: 'included' });
      expect(await extrinsicsOf(writer)).toEqual(['setCommitment']);
    }));

  test.concurrent('of a second, different vector for one period is refused by the protection record', () =>
    withWriter(async (writer) => {
      const first = weights(1);
      expect(await write(writer, first)).toMatchObject({ kind: 'included' });
      const before = await stored(writer);
      const head = await writer.chain.head();
      await writer.chain.waitForBlock(head.number + rateLimit);
      const other = { ...weights(1, 7), key: 'weights/by-another-name' };
      expect(await write(writer, other)).toMatchObject({ kind: 'refused', code: 'OST_PROTECTION_CONFLICT' });
      expect(await stored(writer)).toEqual(before);
      expect(await extrinsicsOf(writer)).toEqual(['setWeights']);
    }));

  test.concurrent('of an axon is not sent again while the chain holds it', () =>
    withWriter(async (writer) => {
      const call: ChainCall = { kind: 'serve_axon', netuid: netuid(1), ip: '127.0.0.2', port: 8080, version: 1 };
      const request = { key: 'axon/1', call, deadline: null, replyTo: null };
      expect(await write(writer, request)).toMatchObject({ kind: 'included' });
      expect(await writer.chain.axon(netuid(1), writer.account)).toMatchObject({ ip: '127.0.0.2', port: 8080 });
      expect(await write(writer, { ...request, key: 'axon/2' })).toMatchObject({ kind: 'already' });
      expect(await extrinsicsOf(writer)).toEqual(['serveAxon']);
    }));
});

/** No block comes while a test looks at what waits for one: on a slow machine the wait would be over before. */
describe('the rate limit', () => {
  test('is waited out, and a newer period takes the place of the one that waits', () =>
    withWriter(async (writer) => {
      const first = await write(writer, weights(1));
      if (first.kind !== 'included') throw new Error(`first: ${first.kind}`);
      faulty.devnet.faults.stallHeads('chain');
      await writer.handle.signal(requestWrite, weights(2));
      await expect(waiting(writer)).resolves.toMatchObject({ code: 'OST_CHAIN_WEIGHTS_TOO_FAST' });
      await writer.handle.signal(requestWrite, weights(3, 5));
      expect(await outcomeOf(writer, weights(2).key)).toEqual({ kind: 'superseded', by: weights(3).key });
      faulty.devnet.faults.clear();
      const last = await outcomeOf(writer, weights(3).key);
      if (last.kind !== 'included') throw new Error(`last: ${last.kind}`);
      expect(last.block).toBeGreaterThanOrEqual(first.block + rateLimit);
      expect(await extrinsicsOf(writer)).toEqual(['setWeights', 'setWeights']);
    }, faulty));

  test('of waiting weights does not hold up a commitment', () =>
    withWriter(async (writer) => {
      await write(writer, weights(1));
      faulty.devnet.faults.stallHeads('chain');
      await writer.handle.signal(requestWrite, weights(2));
      await waiting(writer);
      faulty.devnet.faults.clear();
      const head = await writer.chain.head();
      expect(await write(writer, commitment('meanwhile', head.number + 10))).toMatchObject({ kind: 'included' });
      expect(await write(writer, weights(2))).toMatchObject({ kind: 'included' });
    }, faulty));

  /** What the only waiting write waits for. */
  async function waiting({ handle }: NewWriter) {
    for (;;) {
      const { open } = await handle.query(writerStatus);
      const wait = open.find((entry) => entry.wait !== null)?.wait;
      if (wait != null) return wait;
      await sleep(50);
    }
  }
});

describe('a lost', () => {
  test('socket after the submission costs nothing: the extrinsic is found in the chain', () =>
    withWriter(async (writer) => {
      faulty.devnet.faults.dropAfterSubmit(1);
      expect(await write(writer, commitment('dropped socket', 1_000_000))).toMatchObject({ kind: 'included' });
      expect(await extrinsicsOf(writer)).toEqual(['setCommitment']);
    }, faulty));

  test('transaction is sent again with the same bytes', () =>
    withWriter(async (writer) => {
      faulty.devnet.faults.loseTransactions(1);
      const request = commitment('lost', 1_000_000);
      const outcome = await write(writer, request);
      const [signed, ...more] = await writer.ledger.prepared.list(request.key);
      expect(more).toEqual([]);
      expect(outcome).toMatchObject({ kind: 'included', extrinsicHash: signed?.hash });
    }, faulty));

  test('transaction is signed anew once its era has passed at the finalized head, and not before', () =>
    withWriter(async (writer) => {
      faulty.devnet.faults.loseTransactions(1_000);
      const request = weights(1);
      await writer.handle.signal(requestWrite, request);
      for (let signed = 0; signed < 2; signed = (await writer.ledger.prepared.list(request.key)).length) {
        await writer.chain.waitForBlock((await writer.chain.head()).number + 1);
      }
      faulty.devnet.faults.clear();
      const outcome = await outcomeOf(writer, request.key);
      const [first, second] = await writer.ledger.prepared.list(request.key);
      if (first === undefined || second === undefined) throw new Error('not signed twice');
      expect(second.eraBirth).toBeGreaterThanOrEqual(first.eraBirth + first.eraPeriod - 1);
      expect(outcome).toMatchObject({ kind: 'included', extrinsicHash: second.hash });
    }, faulty));
});

describe('a deadline', () => {
  test.concurrent('that has passed is answered at once, without a signature', () =>
    withWriter(async (writer) => {
      const { number } = await writer.chain.head();
      expect(await write(writer, commitment('too late', number))).toMatchObject({ kind: 'deadline', deadline: number });
      expect(await extrinsicsOf(writer)).toEqual([]);
    }));

  test('that passes before inclusion is final', () =>
    withWriter(async (writer) => {
      faulty.devnet.faults.loseTransactions(1_000);
      const { number } = await writer.chain.head();
      const outcome = await write(writer, commitment('never there', number + 6));
      expect(outcome).toMatchObject({ kind: 'deadline', deadline: number + 6 });
    }, faulty));
});

describe('an operator', () => {
  test('drops what waits, and what is finished stays finished in the next run', () =>
    withWriter(async (writer) => {
      const { handle } = writer;
      await write(writer, weights(1));
      // Without blocks the second one cannot stop to wait before it is dropped.
      faulty.devnet.faults.stallHeads('chain');
      await handle.signal(requestWrite, weights(2));
      expect(await handle.executeUpdate(retryNow, { args: ['weights/none'] })).toBe(0);
      await handle.executeUpdate(drop, { args: [weights(2).key] });
      expect(await outcomeOf(writer, weights(2).key)).toMatchObject({ code: 'OST_WRITER_DROPPED' });
      await expect(handle.executeUpdate(drop, { args: ['weights/none'] })).rejects.toThrow();
      faulty.devnet.faults.clear();

      const { runId } = await handle.describe();
      await Promise.all(Array.from({ length: 100 }, () => handle.signal(requestWrite, weights(1))));
      while ((await handle.describe()).runId === runId)
        await writer.chain.waitForBlock((await writer.chain.head()).number + 1);
      await handle.signal(requestWrite, weights(1));
      const { finished } = await handle.query(writerStatus);
      expect(finished).toContainEqual({ key: weights(1).key, outcome: 'included' });
      expect(await extrinsicsOf(writer)).toEqual(['setWeights']);
    }, faulty));
});
