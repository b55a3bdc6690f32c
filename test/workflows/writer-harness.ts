import { join } from 'node:path';
import { NativeConnection, Worker } from '@temporalio/worker';
import pino from 'pino';
import { createChainActivities } from '../../activities/chain/activities.ts';
import { createRecordWriteActivities } from '../../activities/chain/record-write.ts';
import { createClockActivities } from '../../activities/clock/await-block.ts';
import { createSignerActivities } from '../../activities/signer/activities.ts';
import { connectChain } from '../../adapters/chain/client.ts';
import { openLedger } from '../../adapters/ledger/open.ts';
import { loadSigner } from '../../adapters/wallet/load.ts';
import { withTypedFailures } from '../../temporal/activity-failures.ts';
import type { Queues } from '../../temporal/ids.ts';

/** What one hotkey's writer worker needs; JSON, because a child process gets it as an argument. */
export interface HarnessInput {
  readonly address: string;
  readonly namespace: string;
  readonly bundlePath: string;
  readonly chainUrl: string;
  /** Where the ledger lies. */
  readonly folder: string;
  readonly uri: string;
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

type Activity = (...input: readonly unknown[]) => Promise<unknown>;

/**
 * Starts a worker with the real activities on the real chain and a real ledger. `around` may stand between Temporal
 * and an activity, which is how a test kills the process at a chosen moment.
 */
export async function startWriterWorker(
  input: HarnessInput,
  around: (name: string, run: Activity) => Activity = (_, run) => run,
) {
  const connection = await NativeConnection.connect({ address: input.address });
  const chain = await connectChain({ endpoints: [input.chainUrl], timeoutMs: 8_000 });
  const ledger = await openLedger({ file: join(input.folder, 'ledger.sqlite') });
  const signer = await loadSigner({ kind: 'uri', uri: input.uri });
  const activities = withTypedFailures({
    ...createChainActivities({ chain }),
    ...createClockActivities({ chain }),
    ...createSignerActivities({ chain, signer, protection: ledger.protection, prepared: ledger.prepared }),
    ...createRecordWriteActivities({ writes: ledger.writes }, pino({ enabled: false })),
  });
  const worker = await Worker.create({
    connection,
    namespace: input.namespace,
    taskQueue: input.queue,
    workflowBundle: { codePath: input.bundlePath },
    activities: Object.fromEntries(
      Object.entries(activities).map(([name, run]) => [name, around(name, run as Activity)]),
    ),
  });
  const running = worker.run();
  return {
    chain,
    ledger,
    hotkey: signer.hotkey,
    async stop() {
      worker.shutdown();
      await running;
      await connection.close();
      await chain.close();
      await ledger.close();
    },
  };
}
