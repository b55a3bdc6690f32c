/**
 * What orchestration itself costs: a cycle of 256 miners whose activities take no time. Prints one line of JSON; exits
 * with 1 where a bar is missed.
 *
 * Run: node bench/training/orchestration.ts [rounds]
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import proto from '@temporalio/proto';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { ok } from '../../domain/outcome.ts';
import { hotkey, netuid } from '../../domain/units.ts';
import { cycleId, queuesOf } from '../../temporal/ids.ts';
import { ensureNamespace } from '../../temporal/namespaces.ts';
import { registerSearchAttributes } from '../../temporal/search-attributes.ts';
import { startTestServer, stopTestServer } from '../../test/setup/server.ts';
import { miner, validatorActivityNames, validatorScenario } from '../../test/workflows/fakes/validator.ts';
import { workflowBundle } from '../../workers/bundle.ts';
import { spreadOf } from '../chain/spread.ts';

const rounds = Number(process.argv[2] ?? 3);
const validator = hotkey('5Validator');
const miners = Array.from({ length: 256 }, (_, number) => miner(number));
const folder = mkdtempSync(join(tmpdir(), 'ostinato-bench-'));
Runtime.install({ logger: new DefaultLogger('ERROR') });

const cpuSeconds = (since?: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1e6;
};

/** Plays one cycle with workers of this process; the server is another one. */
async function play(address: string, codePath: string, round: number) {
  const connection = await Connection.connect({ address });
  const namespace = `bench-${round}`;
  await ensureNamespace(connection, namespace, 1);
  await registerSearchAttributes(connection, namespace);
  const native = await NativeConnection.connect({ address });
  const seen = validatorScenario({
    miners,
    allowed: 69,
    // Of the size that a verification's sketch has.
    activities: { verifySubmission: async () => ok({ sketch: 'A'.repeat(171) }) },
  });
  const activities = Object.fromEntries(validatorActivityNames.map((name) => [name, seen.fakes[name]]));
  const { workflows, ...others } = queuesOf('validator', validator);
  const common = { connection: native, namespace };
  const workers = await Promise.all([
    Worker.create({ ...common, taskQueue: workflows, workflowBundle: { codePath }, maxCachedWorkflows: 400 }),
    ...Object.values(others).map((taskQueue) => Worker.create({ ...common, taskQueue, activities })),
  ]);
  const running = workers.map((worker) => worker.run());
  const [began, cpu] = [performance.now(), process.cpuUsage()];
  const handle = await new Client({ connection, namespace }).workflow.start('CycleWorkflow', {
    workflowId: cycleId('bench', 1, validator),
    taskQueue: workflows,
    args: [{ chain: 'bench', netuid: netuid(1), hotkey: validator, cyclesLeft: 1 }],
  });
  await handle.result();
  const figures = { cpuSeconds: cpuSeconds(cpu), wallSeconds: (performance.now() - began) / 1_000 };
  const history = await handle.fetchHistory();
  for (const worker of workers) worker.shutdown();
  await Promise.all(running);
  await Promise.all([native.close(), connection.close()]);
  if (seen.records.at(-1)?.submissions.length !== miners.length) throw new Error('the cycle did not judge everybody');
  return { ...figures, history };
}

const server = await startTestServer(folder);
try {
  const { codePath } = await workflowBundle();
  const found = { cpu: [] as number[], wall: [] as number[], replay: [] as number[], events: 0, bytes: 0 };
  for (let round = 0; round < rounds; round++) {
    const { history, cpuSeconds: cpu, wallSeconds } = await play(server.address, codePath, round);
    const began = performance.now();
    await Worker.runReplayHistory({ workflowBundle: { codePath } }, history);
    found.replay.push((performance.now() - began) / 1_000);
    found.cpu.push(cpu);
    found.wall.push(wallSeconds);
    found.events = Math.max(found.events, history.events?.length ?? 0);
    found.bytes = Math.max(found.bytes, proto.temporal.api.history.v1.History.encode(history).finish().length);
  }
  const [cpu, replay] = [spreadOf(found.cpu), spreadOf(found.replay)];
  const passed = cpu.median < 60 && replay.median < 2 && found.events < 2_000 && found.bytes < 1_000_000;
  const { events, bytes } = found;
  const figures = {
    workerCpuSeconds: cpu,
    wallSeconds: spreadOf(found.wall),
    coldReplaySeconds: replay,
    events,
    bytes,
  };
  process.stdout.write(`${JSON.stringify({ name: 'orchestration', passed, figures })}\n`);
  if (!passed) process.exitCode = 1;
} finally {
  await stopTestServer(folder);
}
