import { join } from 'node:path';
import { cryptoWaitReady } from '@polkadot/util-crypto';
import type { Client } from '@temporalio/client';
import { Registry } from 'prom-client';
import { openStore } from '../../adapters/artifacts/store.ts';
import type { ChainClient } from '../../adapters/chain/client.ts';
import { CycleAssignments } from '../../adapters/chain/cycle-assignments.ts';
import { type Ledger, openLedger } from '../../adapters/ledger/open.ts';
import { readStanding } from '../../adapters/ledger/standing.ts';
import { choosePort } from '../../adapters/processes/ports.ts';
import { openPublishedModels } from '../../adapters/published-model/open.ts';
import { ScheduleAtHand } from '../../adapters/schedule/at-hand.ts';
import { capturedSchedule } from '../../adapters/schedule/captured.ts';
import { scheduleOptions, scheduleSource } from '../../adapters/schedule/source.ts';
import { publicKeyOf, verifySignature } from '../../adapters/wallet/verify.ts';
import { loadConfig } from '../../config/load.ts';
import type { ValidatorConfig } from '../../config/schema/deployment.ts';
import { validatorOf } from '../../domain/cycle-assignment.ts';
import { messageOf } from '../../domain/errors/error.ts';
import type { Schedule } from '../../domain/phases.ts';
import { netuid as asNetuid, type Blocks, milliseconds } from '../../domain/units.ts';
import type { AcceptedSubmission, ModelServerDeps } from '../../server/model/deps.ts';
import { buildModelServer } from '../../server/model/server.ts';
import { connectClient } from '../../temporal/connect.ts';
import { chainLabel, submissionId } from '../../temporal/ids.ts';
import { type CommonOptions, OpenDeployment } from '../deployment.ts';
import { awaitIdentity, type Identity } from '../identity.ts';
import { CommittedSubmissions } from '../start/committed.ts';
import { finishedCycle } from '../start/finished-cycle.ts';
import { aborted, stopSignal } from '../stop-signal.ts';

export interface ServerOptions extends CommonOptions {
  readonly flags: Readonly<Record<string, unknown>>;
}

/** Blocks for which a signed request is good: a slow upload's retry, and no more. */
const freshnessBlocks = 20;

/** `ostinato server`: the model server of a validator's deployment. */
export async function runServer(options: ServerOptions): Promise<void> {
  const stop = stopSignal();
  const loaded = loadConfig({ role: 'server', ...options });
  await using deployment = new OpenDeployment('server', loaded);
  const { config, folder, log } = deployment;
  const { port } = await choosePort({
    port: config.server_port,
    purpose: 'the model server',
    configured: true,
    host: config.server_host,
  });
  const target = await deployment.temporal(options.temporal);
  const [{ client, connection }, chain] = await Promise.all([
    connectClient(target),
    deployment.chain(),
    cryptoWaitReady(),
  ]);
  deployment.defer(() => connection.close());
  const waiting = () =>
    log.info({ event: 'waiting_for_validator' }, 'Waiting for "ostinato validator" of this directory');
  const identity = await awaitIdentity(folder, waiting, stop);
  if (identity === null) return;
  const ledger = await openLedger({ file: join(folder, 'ledger.sqlite') });
  deployment.defer(() => ledger.close());

  const schedule = await ScheduleAtHand.open(
    scheduleSource(scheduleOptions(config, folder)),
    capturedSchedule(folder, chain.genesis),
  );
  const server = await buildModelServer(
    await depsOf(deployment, { chain, ledger, client, identity, schedule: () => schedule.current }),
  );
  deployment.defer(() => server.close());
  await server.listen({ host: config.server_host, port });
  const url = `http://${config.server_host}:${port}`;
  deployment.register({ ports: [port], address: url, url, namespace: target.namespace });
  const watching = followBlocks(chain, stop, async (from, block) => {
    await ledger.presence.note('server', from, block);
    await schedule.refresh();
  });

  await Promise.race([aborted(stop), watching]);
  log.info({ event: 'server_stopping' }, 'Stopping; uploads in progress are resumed or sent again by their miners');
}

interface Opened {
  readonly chain: ChainClient;
  readonly ledger: Ledger;
  readonly client: Client;
  readonly identity: Identity;
  readonly schedule: () => Schedule;
}

async function depsOf(
  { config, folder, log }: OpenDeployment<ValidatorConfig>,
  { chain, ledger, client, schedule, identity: { hotkey: ownHotkey } }: Opened,
): Promise<ModelServerDeps> {
  const netuid = asNetuid(config.netuid);
  const label = chainLabel(chain.genesis);
  const store = await openStore(config.checkpoint_cache_dir);
  const models = await openPublishedModels(join(folder, 'model'), store);
  const assignments = new CycleAssignments(chain, netuid, config.seed.source);
  const committed = new CommittedSubmissions(chain, netuid, schedule);
  const base = await models.ensureBase(config.model_path);
  return {
    modelName: config.model_path,
    manifest: () => models.current(),
    store,
    chain: {
      head: () => chain.head(),
      registration: async (hotkey) => {
        const { neurons } = await chain.snapshot(netuid);
        return neurons.find((neuron) => neuron.hotkey === hotkey) ?? null;
      },
      validators: async () => {
        const { neurons } = await chain.snapshot(netuid);
        return neurons.filter(({ validatorPermit }) => validatorPermit).map(({ hotkey }) => hotkey);
      },
      committed: (hotkey, cycle) => committed.find(hotkey, cycle),
      validatorOf: async (hotkey, cycle) => validatorOf((await assignments.of(schedule(), cycle)).assignment, hotkey),
    },
    submissions: {
      find: (cycle, hotkey) => ledger.submissions.find({ chain: label, netuid, validator: ownHotkey, cycle, hotkey }),
      accept: (submission) => ledger.submissions.accept({ ...submission, chain: label, netuid, validator: ownHotkey }),
    },
    verdicts: { find: (index) => finishedCycle(ledger, { genesis: chain.genesis, netuid }, ownHotkey, index) },
    requests: ledger.requests,
    peers: { genesis: chain.genesis, netuid, messages: ledger.peers },
    verify: verifySignature,
    publicKey: publicKeyOf,
    onAccepted: (submission) =>
      wake(client, submissionId(label, netuid, ownHotkey, submission.cycle, submission.hotkey), submission),
    ownHotkey,
    schedule,
    groups: base.manifest.parts.length - 1,
    token: config.auth_token ?? null,
    limits: {
      maxSubmissionBytes: config.max_submission_bytes,
      uploadTimeoutMs: milliseconds(config.timeouts.transfer_seconds * 1000),
      freshnessBlocks,
      concurrentUploads: 16,
      concurrentDownloads: 32,
    },
    accelRedirectPrefix: config.accel_redirect_prefix ?? undefined,
    log,
    metrics: new Registry(),
    standing: () => readStanding(ledger, { genesis: chain.genesis, netuid, hotkey: ownHotkey }),
  };
}

/** Wakes the SubmissionWorkflow. It may not run yet; it then finds the file in the ledger. */
async function wake(client: Client, workflowId: string, submission: AcceptedSubmission): Promise<void> {
  const { digest, bytes, receivedAtBlock: block } = submission;
  try {
    await client.workflow.getHandle(workflowId).signal('submissionReceived', { digest, bytes, block });
  } catch (error) {
    if (!/not found/i.test(messageOf(error))) throw error;
  }
}

/**
 * With every block, writes down that this server was at work: without that, a miner whose upload met a closed door
 * would be told that it sent nothing.
 */
async function followBlocks(
  chain: ChainClient,
  stop: AbortSignal,
  work: (from: Blocks, block: Blocks) => Promise<void>,
): Promise<void> {
  const { number: from } = await chain.head();
  try {
    for await (const { number } of chain.heads({ from, signal: stop })) await work(from, number);
  } catch (error) {
    if (!stop.aborted) throw error;
  }
}
