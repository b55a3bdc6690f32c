import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, test } from '@jest/globals';
import pino from 'pino';
import { createChainActivities } from '../../activities/chain/activities.ts';
import { createRecordWriteActivities } from '../../activities/chain/record-write.ts';
import { createClockActivities } from '../../activities/clock/await-block.ts';
import { freezeRoster } from '../../activities/cycle/freeze-roster.ts';
import { createSignerActivities } from '../../activities/signer/activities.ts';
import { type ChainClient, connectChain } from '../../adapters/chain/client.ts';
import { signExtrinsic } from '../../adapters/chain/extrinsic.ts';
import { loadSigner } from '../../adapters/wallet/load.ts';
import type { Signer } from '../../adapters/wallet/signer.ts';
import { type Devnet, startDevnet } from '../../devnet/chain/start.ts';
import { minerHashCommit, readCommitPayload, signatureCommit } from '../../domain/commit-payload.ts';
import type { CyclePlan } from '../../domain/cycle-plan.ts';
import { type PhaseName, phaseRange, type Schedule, schedules } from '../../domain/phases.ts';
import { commitMessage, encodeSignature } from '../../domain/signed-message.ts';
import { type Blocks, milliseconds, netuid, uid } from '../../domain/units.ts';
import { withTypedFailures } from '../../temporal/activity-failures.ts';
import { chainLabel, cycleId, mergeId, submissionId, writerId } from '../../temporal/ids.ts';
import { alice, validatorDeps } from '../activities/validator-deps.ts';
import { Gate } from '../faults/chain/gate.ts';
import { testTemporal } from '../setup/temporal.ts';
import { base, type ValidatorFakes, validatorActivityNames, validatorScenario } from './fakes/validator.ts';
import { fakeWorld } from './fakes/world.ts';

type Activity = (...input: readonly unknown[]) => Promise<unknown>;
type Activities = Readonly<Record<string, Activity>>;

const temporal = await testTemporal();
const names = [
  ...validatorActivityNames,
  'readHead',
  'lookAround',
  'prepareExtrinsic',
  'submitExtrinsic',
  'confirmExtrinsic',
  'confirmFinality',
  'watchReveal',
] as const;
const world = fakeWorld<Activities>(temporal, 'validator', [...new Set(names)], alice);
const one = netuid(1);
const modelHash = 'ab'.repeat(24);
const opened = new AsyncDisposableStack();
afterAll(() => opened.disposeAsync());

/** Blocks that somebody waits for; the chain stands still until nothing else is left to do. */
class Waits {
  readonly #pending: number[] = [];

  watch(run: Activity): Activity {
    return async (...input) => {
      const [{ block }] = input as readonly [{ readonly block: Blocks }];
      this.#pending.push(block);
      try {
        return await run(...input);
      } finally {
        this.#pending.splice(this.#pending.indexOf(block), 1);
      }
    };
  }

  /** The next block at which something begins; null where nobody has said yet what it waits for. */
  next(head: number): number | null {
    const ahead = this.#pending.filter((block) => block > head);
    return ahead.length === 0 ? null : Math.min(...ahead);
  }
}

/** Blocks after a question to the writer in which it needs every single one: to send, to see it in, to be sure. */
const writingBlocks = 4;

/** A cycle of one schedule on an embedded chain of its own whose blocks this test builds. */
async function playCycle(schedule: Schedule) {
  const devnet = await startDevnet({
    folder: null,
    port: 0,
    blockTimeMs: 'gated',
    nominalBlockTimeMs: 1_000,
    // A round is a signature, and nothing here waits for one.
    beaconPeriodS: 86_400,
  });
  opened.defer(() => devnet.close());
  const chain = await connectChain({ endpoints: [devnet.url], timeoutMs: 20_000 });
  opened.defer(() => chain.close());
  const [signer, bob] = [
    await loadSigner({ kind: 'uri', uri: '//Alice' }),
    await loadSigner({ kind: 'uri', uri: '//Bob' }),
  ];
  const validator = opened.use(await validatorDeps({ chain }));
  const { ledger } = validator.deps;

  const label = chainLabel(chain.genesis);
  const scenario = validatorScenario({ schedule });
  const [gate, waits] = [new Gate(), new Waits()];
  const real = withTypedFailures({
    ...createChainActivities({ chain }),
    ...createClockActivities({ chain }),
    ...createSignerActivities({ chain, signer, protection: ledger.protection, prepared: ledger.prepared }),
    ...createRecordWriteActivities({ writes: ledger.writes }, pino({ enabled: false })),
    freezeRoster: freezeRoster(validator.deps),
  });
  const planCycle: ValidatorFakes['planCycle'] = async (input): Promise<CyclePlan> => ({
    ...(await scenario.fakes.planCycle(input)),
    genesis: chain.genesis,
    hotkey: alice,
    blockTimeMs: milliseconds(0),
    evalRows: 3,
  });
  const readPeers: ValidatorFakes['readPeers'] = async ({ block }) => ({
    block: { number: block, hash: await chain.blockHash(block) },
    peers: [{ hotkey: alice, uid: uid(0), stakeRao: '1', url: null }],
  });
  const all = Object.entries({ ...scenario.fakes, ...real, planCycle, readPeers }) as [string, Activity][];
  const watched = all.map(([name, run]): [string, Activity] => {
    return [name, gate.watch(name === 'awaitBlock' ? waits.watch(run) : run)];
  });
  world.enter(Object.fromEntries(watched), label);

  const cycle = await temporal.client.workflow.start('CycleWorkflow', {
    workflowId: cycleId(label, one, alice),
    taskQueue: world.queue,
    args: [{ chain: label, netuid: one, hotkey: alice, cyclesLeft: 1 }],
  });
  const writer = temporal.client.workflow.getHandle(writerId(label, alice));
  const merge = temporal.client.workflow.getHandle(mergeId(label, one, alice, 0));
  const submission = temporal.client.workflow.getHandle(submissionId(label, one, alice, 0, bob.hotkey));
  const ranges = (phase: PhaseName) => phaseRange(schedule, 0, phase);
  const end = ranges('ValidatorCommit2').end;
  const asking = (['MinerCommit1', 'Merge', 'ValidatorCommit1', 'ValidatorCommit2'] as const).map(
    (phase) => ranges(phase).start,
  );
  const calm = async (writing: boolean): Promise<void> => {
    await gate.opens(cycle);
    if (!writing) return;
    // Whoever asks the writer first starts it, and the cycle starts its merge.
    for (const other of [merge, writer, merge, writer]) await gate.opens(other).catch(() => gate.opens(cycle));
  };
  for (let head = 0; head < end; head = devnet.head().number) {
    const writing = asking.some((block) => head >= block && head <= block + writingBlocks);
    await calm(writing);
    const next = writing ? head + 1 : waits.next(head);
    if (next === null) continue;
    if (head === ranges('MinerCommit1').start) await commit(chain, bob, signed(bob));
    if (head === ranges('MinerCommit2').start) {
      await commit(chain, bob, minerHashCommit({ modelHash, version: 0, group: 1 }));
    }
    // A phase of one block is over with the next one, so what comes in it has to be judged first.
    if (head === ranges('Submission').start) await settled(submission);
    await buildTo(devnet, next, ranges);
  }
  for (let left = writingBlocks; left > 0; left -= 1) {
    await calm(true);
    await devnet.buildBlock();
  }
  await cycle.result();
  await writer.terminate();
  return { chain, record: scenario.records[0], ranges, merges: scenario.merges };
}

/** The end of a workflow that may not have been started yet. */
async function settled(handle: { readonly result: () => Promise<unknown> }): Promise<void> {
  for (;;) {
    try {
      await handle.result();
      return;
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'WorkflowNotFoundError') throw error;
      await sleep(50);
    }
  }
}

/** Never past a block in which the miner has to do something. */
async function buildTo(
  devnet: Devnet,
  block: number,
  ranges: (phase: PhaseName) => { readonly start: number },
): Promise<void> {
  const stops = (['MinerCommit1', 'MinerCommit2', 'Submission'] as const).map((phase) => ranges(phase).start);
  do await devnet.buildBlock();
  while (devnet.head().number < block && !stops.includes(devnet.head().number));
}

const signed = (bob: Signer): string => signatureCommit(encodeSignature(bob.sign(commitMessage(modelHash))));

/** Hands a commitment to the pool, for the next block. */
async function commit(chain: ChainClient, signer: Signer, text: string): Promise<void> {
  const [birth, nonce] = [await chain.head(), await chain.nextNonce(signer.hotkey)];
  const envelope = { genesis: chain.genesis, nonce, birth, eraBlocks: 16 };
  const { bytes } = signExtrinsic(chain.runtime, signer, { kind: 'set_commitment', netuid: one, text }, envelope);
  const inPool = new AbortController();
  const submitted = chain.submit(bytes, inPool.signal);
  while ((await chain.nextNonce(signer.hotkey)) === nonce) await sleep(20);
  inPool.abort();
  await submitted;
}

describe('a schedule that ships', () => {
  test.concurrent.each(['mycelia-45', 'connito-472', 'connito-500'] as const)(
    '%s is a whole cycle on a chain',
    async (name) => {
      const schedule = schedules[name];
      const { chain, record, ranges, merges } = await playCycle(schedule);
      const bob = await loadSigner({ kind: 'uri', uri: '//Bob' });
      expect(record).toMatchObject({
        cycle: 0,
        startBlock: 0,
        endBlock: ranges('ValidatorCommit2').end,
        schedule,
        result: 'completed',
        notes: [],
        seed: { source: 'validator_commits', validators: [{ hotkey: alice, seed: 4711 }] },
        assignment: [{ validator: alice, miners: [bob.hotkey] }],
        modelBefore: base,
        modelAfter: { version: ranges('MinerCommit1').start },
      });
      expect(record?.submissions).toMatchObject([{ hotkey: bob.hotkey, outcome: 'ok', modelHash }]);
      expect(merges).toMatchObject([{ version: ranges('MinerCommit1').start, accepted: [{ hotkey: bob.hotkey }] }]);
      // What others read, at the block after each phase.
      const read = async (phase: PhaseName) => {
        const slots = await chain.commitments(one, ranges(phase).end + 1);
        const slot = slots.find(({ hotkey }) => hotkey === alice);
        expect(slot?.block).toBeGreaterThanOrEqual(ranges(phase).start);
        return readCommitPayload(slot?.text ?? null);
      };
      expect(await read('MinerCommit1')).toEqual({
        kind: 'heartbeat',
        modelHash: base.hash,
        version: 0,
        group: 0,
        seed: 4711,
      });
      expect(await read('ValidatorCommit1')).toMatchObject({ kind: 'signature' });
      expect(await read('ValidatorCommit2')).toMatchObject({ kind: 'hash', version: ranges('MinerCommit1').start });
    },
    // Three chains of up to 500 blocks, each built when everybody has done what there is to do.
    180_000,
  );
});
