import { join } from 'node:path';
import { activityInfo } from '@temporalio/activity';
import { NativeConnection, Worker } from '@temporalio/worker';
import pino from 'pino';
import { createChainActivities } from '../../activities/chain/activities.ts';
import { createRecordWriteActivities } from '../../activities/chain/record-write.ts';
import { createClockActivities } from '../../activities/clock/await-block.ts';
import { createSignerActivities } from '../../activities/signer/activities.ts';
import { type ChainClient, connectChain } from '../../adapters/chain/client.ts';
import { type Ledger, openLedger } from '../../adapters/ledger/open.ts';
import { loadSigner } from '../../adapters/wallet/load.ts';
import type { Signer } from '../../adapters/wallet/signer.ts';
import { withTypedFailures } from '../../temporal/activity-failures.ts';
import type { Queues } from '../../temporal/ids.ts';

/** A hotkey, and where its ledger lies. */
export interface WriterAccount {
  readonly uri: string;
  readonly folder: string;
}

/** What a worker of writers needs; JSON, because a child process gets it as an argument. */
export interface HarnessInput {
  readonly address: string;
  readonly namespace: string;
  readonly bundlePath: string;
  readonly chainUrl: string;
  readonly queue: string;
}

/** One queue for everything, so that one worker is the whole deployment of a hotkey and can die as one. */
export const oneQueue = (queue: string): Queues => ({
  workflows: queue,
  chain: queue,
  transfer: queue,
  pull: queue,
  gpu: queue,
  ledger: queue,
  signer: queue,
});

/** What a writer asks for. */
const writerActivityNames = [
  'readHead',
  'readSnapshot',
  'readCommitments',
  'guardWrite',
  'lookAround',
  'submitExtrinsic',
  'confirmExtrinsic',
  'confirmFinality',
  'watchReveal',
  'awaitBlock',
  'prepareExtrinsic',
  'recordWrite',
] as const;

export type Activity = (...input: readonly unknown[]) => Promise<unknown>;
export type ActivitiesByName = Readonly<Record<string, Activity>>;

/** Activities of one worker that each writer has done by its own; it is told by a part of its workflow id. */
export function dispatched(part: number, of: ReadonlyMap<string, ActivitiesByName>): ActivitiesByName {
  const dispatch =
    (name: string): Activity =>
    async (...input) => {
      const writer = activityInfo().workflowExecution?.workflowId.split('/')[part] ?? '';
      const run = of.get(writer)?.[name];
      if (run === undefined) throw new Error(`no activity ${name} for ${writer}`);
      return run(...input);
    };
  return Object.fromEntries(writerActivityNames.map((name) => [name, dispatch(name)]));
}

interface WriterParts {
  readonly chain: ChainClient;
  readonly signer: Signer;
  readonly ledger: Ledger;
}

/** The real activities of one writer, with `around` between Temporal and each. */
export function writerActivities(
  { chain, signer, ledger }: WriterParts,
  around: (name: string, run: Activity) => Activity,
): ActivitiesByName {
  const activities = withTypedFailures({
    ...createChainActivities({ chain }),
    ...createClockActivities({ chain }),
    ...createSignerActivities({ chain, signer, protection: ledger.protection, prepared: ledger.prepared }),
    ...createRecordWriteActivities({ writes: ledger.writes }, pino({ enabled: false })),
  });
  return Object.fromEntries(Object.entries(activities).map(([name, run]) => [name, around(name, run as Activity)]));
}

/**
 * Starts a worker for any number of writers, each with the real activities on the real chain and a real ledger of its
 * own. A writer is told by its hotkey, which is the third part of its workflow id. `around` may stand between Temporal
 * and an activity, which is how a test kills the process at a chosen moment.
 */
export async function startWriterWorker(
  input: HarnessInput,
  accounts: readonly WriterAccount[] = [],
  around: (uri: string, name: string, run: Activity) => Activity = (_, __, run) => run,
) {
  const connection = await NativeConnection.connect({ address: input.address });
  const chain = await connectChain({ endpoints: [input.chainUrl], timeoutMs: 8_000 });
  const byHotkey = new Map<string, ActivitiesByName>();
  const ledgers: Ledger[] = [];
  const add = async ({ uri, folder }: WriterAccount): Promise<Ledger> => {
    const ledger = await openLedger({ file: join(folder, 'ledger.sqlite') });
    ledgers.push(ledger);
    const signer = await loadSigner({ kind: 'uri', uri });
    const own = writerActivities({ chain, signer, ledger }, (name, run) => around(uri, name, run));
    byHotkey.set(signer.hotkey, own);
    return ledger;
  };
  for (const account of accounts) await add(account);
  const worker = await Worker.create({
    connection,
    namespace: input.namespace,
    taskQueue: input.queue,
    workflowBundle: { codePath: input.bundlePath },
    activities: dispatched(2, byHotkey),
  });
  const running = worker.run();
  return {
    chain,
    /** Takes a hotkey in, before its writer asks for anything. */
    add,
    async stop() {
      worker.shutdown();
      await running;
      await connection.close();
      await chain.close();
      for (const ledger of ledgers) await ledger.close();
    },
  };
}

export type WriterWorker = Awaited<ReturnType<typeof startWriterWorker>>;
