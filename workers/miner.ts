import { join } from 'node:path';
import { createChainActivities } from '../activities/chain/activities.ts';
import { createRecordWriteActivities } from '../activities/chain/record-write.ts';
import { createClockActivities } from '../activities/clock/await-block.ts';
import { createMinerIoActivities } from '../activities/miner/create.ts';
import { createMinerTrainActivities } from '../activities/miner/train-group.ts';
import { openStore } from '../adapters/artifacts/store.ts';
import { openLedger } from '../adapters/ledger/open.ts';
import type { MinerMetrics } from '../adapters/metrics/miner-metrics.ts';
import { modelGroups } from '../adapters/published-model/import-base.ts';
import { capturedSchedule } from '../adapters/schedule/captured.ts';
import { scheduleOptions, scheduleSource } from '../adapters/schedule/source.ts';
import { publicKeyOf, verifySignature } from '../adapters/wallet/verify.ts';
import type { MinerConfig } from '../config/schema/deployment.ts';
import { locationKeys } from '../domain/artifact-location.ts';
import type { MinerPlan } from '../domain/miner-plan.ts';
import { hotkey as asHotkey, type Hotkey, netuid } from '../domain/units.ts';
import { queuesOf } from '../temporal/ids.ts';
import { workflowBundle } from './bundle.ts';
import { prepareTrainingData } from './dataset.ts';
import type { DeploymentProcess, RunningRole } from './deployment.ts';
import { trainingCommandOf, trainingPolicyOf } from './training-policy.ts';
import { startWorkers } from './worker-set.ts';

/** A miner's rules from its configuration. */
const rulesOf = (config: MinerConfig): Pick<MinerPlan, 'group' | 'training' | 'location'> => ({
  group: config.expert_group,
  training: trainingPolicyOf(config),
  location: config.artifact_location === null ? null : locationKeys(config.artifact_location),
});

/** The miner's `io` process: its workflows, chain and transfers. Signing is its child's. */
export async function startMinerIo(
  process: DeploymentProcess & { readonly metrics: MinerMetrics },
  config: MinerConfig,
  hotkey: Hotkey,
): Promise<RunningRole> {
  const { folder, chain, connection, temporal, log } = process;
  const queues = queuesOf('miner', hotkey);
  const schedules = scheduleSource(scheduleOptions(config, folder));
  // Without any schedule there is nothing to start for; one that is known already is as good as today's.
  await schedules.current();
  const ledger = await openLedger({ file: join(folder, 'ledger.sqlite') });
  const io = createMinerIoActivities({
    netuid: netuid(config.netuid),
    hotkey,
    rules: rulesOf(config),
    schedules,
    captured: capturedSchedule(folder, chain.genesis),
    seedSource: config.seed.source,
    validatorHotkey: config.validator_hotkey == null ? null : asHotkey(config.validator_hotkey),
    token: config.auth_token ?? null,
    chain,
    store: await openStore(config.checkpoint_cache_dir),
    downloads: join(folder, 'downloads'),
    ranges: config.transfers.ranges,
    publishFolder: config.artifact_folder ?? null,
    trainings: join(folder, 'training'),
    checkpointsKept: config.max_checkpoints_cached,
    publicKey: publicKeyOf,
    verify: verifySignature,
    metrics: process.metrics,
    log,
  });
  const chainWork = {
    ...createChainActivities({ chain }),
    ...createClockActivities({ chain }),
  };
  const workers = await startWorkers(connection, temporal.namespace, 'miner', [
    { taskQueue: queues.workflows, activities: {}, slots: 1, workflowBundle: await workflowBundle() },
    { taskQueue: queues.chain, activities: chainWork, slots: 50 },
    // One of them is taken by the look-out for a new model.
    { taskQueue: queues.transfer, activities: io, slots: 5 },
    { taskQueue: queues.ledger, activities: createRecordWriteActivities(ledger, log), slots: 4 },
  ]);
  return {
    done: workers.done,
    async stop() {
      await workers.stop();
      await ledger.close();
    },
  };
}

/** What the `train` process is given. */
export interface TrainProcess extends Pick<DeploymentProcess, 'folder' | 'connection' | 'temporal' | 'log'> {
  readonly metrics: MinerMetrics;
  /** What a training command may see of it is for that command to know. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** The miner's `train` process. It needs neither chain nor key. @throws OST_TRAINER_PRECISION */
export async function startMinerTrain(
  process: TrainProcess,
  config: MinerConfig,
  hotkey: Hotkey,
  onChild: (role: string, pid: number) => void,
): Promise<RunningRole> {
  const { folder, connection, temporal, log } = process;
  const train = createMinerTrainActivities({
    hotkey,
    store: await openStore(config.checkpoint_cache_dir),
    modelFolder: config.model_path,
    datasetPath: await prepareTrainingData(config, { folder, log, prune: true }),
    groups: await modelGroups(config.model_path),
    trainings: join(folder, 'training'),
    onChild: (pid, role) => onChild(role, pid),
    finalFile: join(folder, 'mycelia_final.safetensors'),
    command: trainingCommandOf(config, process.environment),
    metrics: process.metrics,
    log,
  });
  const { gpu } = queuesOf('miner', hotkey);
  return startWorkers(connection, temporal.namespace, 'miner-train', [{ taskQueue: gpu, activities: train, slots: 1 }]);
}
