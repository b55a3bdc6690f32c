import { basename, join } from 'node:path';
import { Registry } from 'prom-client';
import { jsonLines } from '../../adapters/metrics/json-lines.ts';
import { type MinerMetrics, minerMetrics } from '../../adapters/metrics/miner-metrics.ts';
import { prometheusSink } from '../../adapters/metrics/prometheus.ts';
import type { MetricSink } from '../../adapters/metrics/sink.ts';
import { wandbSink } from '../../adapters/metrics/wandb.ts';
import { choosePort } from '../../adapters/processes/ports.ts';
import type { MinerConfig } from '../../config/schema/deployment.ts';
import { buildMetricsServer } from '../../server/metrics/server.ts';
import type { OpenDeployment } from '../deployment.ts';

type Deployment = OpenDeployment<MinerConfig>;
type Part = 'io' | 'train' | 'both';

/** Opens everything that a miner's numbers go to: its file always, the others as configured. */
export async function openMinerMetrics(part: Part, deployment: Deployment): Promise<MinerMetrics> {
  const { config, folder, log } = deployment;
  const sinks: MetricSink[] = [
    jsonLines(join(folder, 'metrics.jsonl'), (problem) =>
      log.warn({ event: 'metrics_not_written', problem }, `Metrics cannot be written: ${problem}`),
    ),
  ];
  const port = part === 'io' ? config.log.prometheus_io_port : config.log.prometheus_port;
  if (port != null) sinks.push(await servePrometheus(deployment, port));
  if (config.log.wandb) sinks.push(openWandb(part, deployment));
  const metrics = minerMetrics(sinks);
  deployment.defer(() => metrics.close());
  return metrics;
}

async function servePrometheus(deployment: Deployment, wanted: number): Promise<MetricSink> {
  const { prometheus_host: host } = deployment.config.log;
  const { port } = await choosePort({ port: wanted, purpose: 'the metrics', configured: true, host });
  const registry = new Registry();
  const server = buildMetricsServer(registry);
  await server.listen({ host, port });
  deployment.defer(() => server.close());
  const url = `http://${host}:${port}/metrics`;
  deployment.log.info({ event: 'metrics_ready', url }, `Metrics at ${url}`);
  return prometheusSink(registry);
}

function openWandb(part: Part, deployment: Deployment): MetricSink {
  const { config, folder, label, log, environment } = deployment;
  const { wandb_project_name: project, wandb_run_id: id, wandb_python: python } = config.log;
  // One run takes values of one process only.
  const suffix = part === 'io' ? '-io' : '';
  const name = `${label}-${basename(folder)}${suffix}`;
  log.info({ event: 'wandb_started', project, name }, `Metrics go to Weights & Biases as ${project}/${name}`);
  return wandbSink({
    python,
    project,
    id: id == null ? name.replace(/[^\w-]/g, '-').slice(0, 64) : `${id}${suffix}`,
    name,
    folder,
    config: { netuid: config.netuid, expert_group: config.expert_group, ...config.training },
    environment,
    onProblem: (problem) => log.warn({ event: 'wandb_failed', problem }, problem),
    onChild: (pid) => void deployment.register({ role: 'wandb', pid }),
  });
}
