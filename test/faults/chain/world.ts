import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { connectChain } from '../../../adapters/chain/client.ts';
import { openLedger } from '../../../adapters/ledger/open.ts';
import { loadSigner } from '../../../adapters/wallet/load.ts';
import { type Devnet, type DevnetOptions, startDevnet } from '../../../devnet/chain/start.ts';
import type { Hotkey } from '../../../domain/units.ts';
import { chainLabel, writerId } from '../../../temporal/ids.ts';
import type { WriterInput } from '../../../workflows/writer/input.ts';
import {
  type ActivitiesByName,
  type Activity,
  dispatched,
  oneQueue,
  writerActivities,
} from '../../workflows/writer-harness.ts';
import { Gate } from './gate.ts';

/** Stands between Temporal and an activity. */
export type Around = (name: string, run: Activity) => Activity;

export interface Place {
  readonly address: string;
  readonly namespace: string;
  readonly client: Client;
  readonly bundlePath: string;
  readonly folder: string;
}

/** The account whose writer is looked at; every chain has one. */
export const writerUri = '//Writer';

/**
 * One worker for any number of writers, each on a gated chain of its own, with the real activities. A writer is told
 * by its chain's label, which is the second part of its workflow id. With `cached` 0 every single task replays its
 * workflow's history: to the workflow it is as if its worker died after each of them.
 */
export async function openWorld(place: Place, cached = 100) {
  const connection = await NativeConnection.connect({ address: place.address });
  const byLabel = new Map<string, ActivitiesByName>();
  const queue = `faults-${randomUUID()}`;
  const worker = await Worker.create({
    connection,
    namespace: place.namespace,
    taskQueue: queue,
    workflowBundle: { codePath: place.bundlePath },
    maxCachedWorkflows: cached,
    maxConcurrentActivityTaskExecutions: 200,
    maxHeartbeatThrottleInterval: '200ms',
    activities: dispatched(1, byLabel),
  });
  const running = worker.run();

  return {
    /** A chain with its writer workflow, both fresh. Without `timelock` its metadata count as those of an older one. */
    async open(
      { timelock = true, ...options }: Partial<DevnetOptions> & { readonly timelock?: boolean },
      around: Around = (_, run) => run,
    ) {
      const gate = new Gate();
      const devnet = await startDevnet({
        folder: null,
        port: 0,
        blockTimeMs: 'gated',
        nominalBlockTimeMs: 1_000,
        // A round is a signature, and only a sealed commitment waits for one.
        ...(timelock && options.subnet?.commitReveal === true ? {} : { beaconPeriodS: 86_400 }),
        ...options,
        neurons: [{ account: writerUri, role: 'validator' }, ...(options.neurons ?? [])],
      });
      const chain = await connectChain({ endpoints: [devnet.url], timeoutMs: 8_000 });
      const { capabilities } = chain;
      if (!timelock) Object.defineProperty(chain, 'capabilities', { value: { ...capabilities, timelock } });
      const signer = await loadSigner({ kind: 'uri', uri: writerUri });
      const label = chainLabel(chain.genesis);
      const folder = join(place.folder, label);
      await mkdir(folder, { recursive: true });
      const ledger = await openLedger({ file: join(folder, 'ledger.sqlite') });
      byLabel.set(
        label,
        writerActivities({ chain, signer, ledger }, (name, run) => gate.watch(around(name, run))),
      );
      const input: WriterInput = { chain: label, hotkey: signer.hotkey, queues: oneQueue(queue) };
      const writer = await place.client.workflow.start('ChainWriterWorkflow', {
        workflowId: writerId(label, signer.hotkey),
        taskQueue: queue,
        args: [input],
      });
      return {
        devnet,
        gate,
        chain,
        ledger,
        signer,
        writer,
        hotkey: signer.hotkey as Hotkey,
        async close() {
          await writer.terminate().catch(() => undefined);
          byLabel.delete(label);
          await chain.close();
          await ledger.close();
          await devnet.close();
          await rm(folder, { recursive: true, force: true });
        },
      };
    },
    async close() {
      worker.shutdown();
      await running;
      await connection.close();
    },
  };
}

export type World = Awaited<ReturnType<typeof openWorld>>;
export type Bench = Awaited<ReturnType<World['open']>>;
export type { Devnet };
