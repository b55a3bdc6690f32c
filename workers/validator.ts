import { cpus } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { createAgreementActivities } from '../activities/agreement/create.ts';
import { createChainActivities } from '../activities/chain/activities.ts';
import { createRecordWriteActivities } from '../activities/chain/record-write.ts';
import { createClockActivities } from '../activities/clock/await-block.ts';
import { createCycleActivities } from '../activities/cycle/create.ts';
import type { CycleRules, ValidatorDeps } from '../activities/cycle/deps.ts';
import { createMergeActivities } from '../activities/merge/create.ts';
import { createSubmissionActivities } from '../activities/submission/create.ts';
import { openStore } from '../adapters/artifacts/store.ts';
import { openLedger } from '../adapters/ledger/open.ts';
import { openCorpus, requireHeldOut } from '../adapters/model/corpus.ts';
import { startEvaluators } from '../adapters/model/evaluator-pool.ts';
import { Turns } from '../adapters/processes/turns.ts';
import { openPublishedModels } from '../adapters/published-model/open.ts';
import { capturedSchedule } from '../adapters/schedule/captured.ts';
import { scheduleOptions, scheduleSource } from '../adapters/schedule/source.ts';
import { verifySignature } from '../adapters/wallet/verify.ts';
import type { ValidatorConfig } from '../config/schema/deployment.ts';
import { ruleOf } from '../domain/scoring/rule.ts';
import { netuid } from '../domain/units.ts';
import type { WeightsRules } from '../domain/weights-rules.ts';
import { chainLabel, queuesOf } from '../temporal/ids.ts';
import { workflowBundle } from './bundle.ts';
import { prepareEvaluationData } from './dataset.ts';
import type { DeploymentProcess, RunningRole } from './deployment.ts';
import type { SigningChild } from './signing/parent.ts';
import { startWorkers } from './worker-set.ts';

/** A cycle's rules from a validator's configuration. */
export const rulesOf = (config: ValidatorConfig, groups: number): CycleRules => ({
  groups,
  evalRows: config.eval_rows,
  evalSelection: config.eval_selection,
  evalBatchSize: config.eval_batch_size,
  scoreRule: ruleOf(config.score.strategy, config.score_ema_alpha),
  outer: { learningRate: config.outer.learning_rate, momentum: config.outer.momentum },
  minimumContributors: config.merge.minimum_contributors ?? null,
  consensusTimeoutMs: config.consensus_timeout * 1000,
  seedSource: config.seed.source,
  fixedSeed: config.seed.fixed ?? null,
  weightsVersionKey: '0',
  weights: weightsRulesOf(config),
  expertGroup: config.expert_group,
});

const weightsRulesOf = ({ weights }: ValidatorConfig): WeightsRules => ({
  mecid: weights.mechanism,
  mode: weights.mode,
  policy: weights.policy,
  limits: {
    minCoverage: weights.min_coverage,
    maxMovement: weights.max_movement,
    maxShare: weights.max_share,
    maxDeparted: weights.max_departed,
  },
  resendAfterBlocks: weights.resend_after_blocks ?? null,
});

/**
 * The validator's process: the workflows of its hotkey and every activity but signing, which its child does. All
 * state is in the folder, the chain and Temporal, so that it may be killed at any moment.
 */
export async function startValidator(
  process: DeploymentProcess,
  config: ValidatorConfig,
  signing: SigningChild,
  onChild: (role: string, pid: number) => void,
): Promise<RunningRole> {
  const { folder, chain, connection, temporal, log } = process;
  await using opened = new AsyncDisposableStack();
  const ledger = opened.adopt(await openLedger({ file: join(folder, 'ledger.sqlite') }), (each) => each.close());
  const store = await openStore(config.checkpoint_cache_dir);
  const models = await openPublishedModels(join(folder, 'model'), store, config.model_path);
  log.info({ event: 'model_loading', path: config.model_path }, `Loading base model: ${config.model_path}`);
  const base = await models.ensureBase(config.model_path);
  const evalDatasetPath = await prepareEvaluationData(config, { folder, log, prune: true });
  const corpus = await openCorpus(config.model_path, evalDatasetPath);
  requireHeldOut(corpus);
  // All deployments of a state folder are on one machine, and share its devices.
  const turns = opened.use(
    new Turns(join(config.state_dir, 'run', 'devices.sqlite'), (problem) =>
      log.warn({ event: 'device_not_shared', problem }, `The device is used without asking others: ${problem}`),
    ),
  );
  const evaluator = opened.adopt(
    await startEvaluators({
      modelFolder: config.model_path,
      processes: config.evaluator_processes,
      provider: config.evaluator_provider,
      threads: config.evaluator_threads || cpus().length,
      evalDatasetPath,
      turns,
      onChild: (pid) => onChild('evaluator', pid),
    }),
    (each) => each.close(),
  );
  const schedules = scheduleSource(scheduleOptions(config, folder));
  // Without any schedule there is nothing to start for; one that is known already is as good as today's.
  await schedules.current();
  const deps: ValidatorDeps = {
    schedules,
    captured: capturedSchedule(folder, chain.genesis),
    chainName: chainLabel(chain.genesis),
    netuid: netuid(config.netuid),
    hotkey: signing.hotkey,
    rules: rulesOf(config, base.manifest.parts.length - 1),
    chain,
    ledger,
    store,
    models,
    evaluator,
    corpus,
    verify: verifySignature,
    evaluationTimeoutMs: config.timeouts.evaluation_seconds * 1000,
    checkpointsKept: config.max_checkpoints_cached,
    downloads: join(folder, 'downloads'),
    maxSubmissionBytes: config.max_submission_bytes,
    transfers: {
      hub: { url: config.hf.endpoint, token: config.hf.token ?? null },
      allowPrivate: config.transfers.private_addresses,
      ranges: config.transfers.ranges,
      slowestBytesPerSecond: config.transfers.slowest_bytes_per_second,
    },
    log,
  };
  const { provider, passedOver } = evaluator.chosen;
  const instead = passedOver.map((each) => `${each.provider}: ${each.why}`).join('; ');
  log.info(
    { event: 'evaluator_ready', provider, processes: config.evaluator_processes, passedOver },
    `Losses are computed by ${provider}${instead === '' ? '' : ` (${instead})`}`,
  );
  const place = { connection, namespace: temporal.namespace, log, devices: config.evaluator_processes };
  const workers = await startValidatorWorkers(deps, place);
  const resources = opened.move();
  return {
    done: workers.done,
    async stop() {
      await workers.stop();
      await resources.disposeAsync();
    },
  };
}

interface WorkerPlace {
  readonly connection: DeploymentProcess['connection'];
  readonly namespace: string;
  readonly log: Logger;
  readonly devices: number;
}

async function startValidatorWorkers(deps: ValidatorDeps, { connection, namespace, devices }: WorkerPlace) {
  const queues = queuesOf('validator', deps.hotkey);
  const cycle = createCycleActivities(deps);
  const submission = createSubmissionActivities(deps);
  const agreement = createAgreementActivities(deps);
  const merge = createMergeActivities(deps);
  const writes = createRecordWriteActivities(deps.ledger, deps.log);
  const chain = { ...createChainActivities(deps), ...createClockActivities(deps) };
  return startWorkers(connection, namespace, 'validator', [
    { taskQueue: queues.workflows, activities: {}, slots: 1, workflowBundle: await workflowBundle() },
    // Waits for blocks hold a slot each, so there are many; the client's own limit keeps the endpoint safe.
    { taskQueue: queues.chain, activities: chain, slots: 300 },
    { taskQueue: queues.ledger, activities: { ...cycle, ...submission, ...merge, ...agreement, ...writes }, slots: 20 },
    { taskQueue: queues.pull, activities: submission, slots: 8 },
    { taskQueue: queues.transfer, activities: { ...submission, ...merge, ...agreement }, slots: 8 },
    // One slot for each device.
    { taskQueue: queues.gpu, activities: { ...cycle, ...submission, ...merge }, slots: devices },
  ]);
}
