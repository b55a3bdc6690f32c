import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { hotkey } from '../../domain/units.ts';
import { queuesOf, type Role } from '../../temporal/ids.ts';
import { ensureNamespace } from '../../temporal/namespaces.ts';
import { registerSearchAttributes } from '../../temporal/search-attributes.ts';
import { workflowBundle } from '../../workers/bundle.ts';
import { startTestServer, stopTestServer } from '../setup/server.ts';
import { type MinerFakes, minerActivityNames } from '../workflows/fakes/miner.ts';
import { type ValidatorFakes, validatorActivityNames } from '../workflows/fakes/validator.ts';
import { startFakeWorkers } from '../workflows/fakes/workers.ts';
import { cohortScenes } from './ends/cohorts.ts';
import { cycleScenes } from './ends/cycles.ts';
import { mergeScenes } from './ends/merges.ts';
import { minerScenes } from './ends/miners.ts';
import type { Cast, Scene, Stage } from './ends/stage.ts';
import { submissionScenes } from './ends/submissions.ts';
import { writerScenes } from './ends/writers.ts';
import { historyText } from './history-text.ts';

/**
 * Records the histories of the ends that a healthy demo does not show: `node test/replay/record-ends.ts [TEXT]`, all of
 * them or those whose scene has TEXT in its label. Real workflows play with scripted activities on a server of their
 * own, within a few minutes. Run by hand after a change of the workflows that open workflows are not meant to survive;
 * never by the tests.
 */
const [wanted = ''] = process.argv.slice(2);
const scenes = [
  ...cycleScenes,
  ...mergeScenes,
  ...cohortScenes,
  ...submissionScenes,
  ...minerScenes,
  ...writerScenes,
].filter(({ label }) => label.includes(wanted));
const lanes = 3;
/** A scene that takes so long hangs. */
const longestSceneMs = 120_000;

Runtime.install({ logger: new DefaultLogger('ERROR') });
const folder = await mkdtemp(join(tmpdir(), 'ostinato-record-'));
const { address } = await startTestServer(folder);
const connection = await Connection.connect({ address });
const { codePath: bundlePath } = await workflowBundle();

/** In a namespace of its own, as deployments are: both roles poll the queue `chain`. */
async function engage<A extends object>(role: Role, names: readonly (keyof A & string)[]) {
  const own = hotkey(role === 'validator' ? '5Validator' : '5Miner');
  const namespace = `recorded-${role}`;
  await ensureNamespace(connection, namespace, 1);
  await registerSearchAttributes(connection, namespace);
  const client = new Client({ connection, namespace });
  const cast: Cast<A> = { client, hotkey: own, queue: queuesOf(role, own).workflows, scripts: new Map() };
  const { scripts: scenarios } = cast;
  const workers = await startFakeWorkers<A>(
    { address, namespace, bundlePath },
    { role, hotkey: own, names, scenarios },
  );
  return { cast, workers };
}

const validator = await engage<ValidatorFakes>('validator', validatorActivityNames);
const miner = await engage<MinerFakes>('miner', minerActivityNames);
const stage: Stage = { validator: validator.cast, miner: miner.cast };

async function record({ label, play }: Scene): Promise<void> {
  const shown = await inTime(label, play(stage, label));
  for (const [name, { workflowId, runId }] of Object.entries(shown)) {
    const { client } = name.startsWith('MinerWorkflow/') ? stage.miner : stage.validator;
    const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    const file = join(import.meta.dirname, 'histories', `${name}.json`);
    const text = historyText(workflowId, history);
    await mkdir(join(file, '..'), { recursive: true });
    await writeFile(file, text);
    process.stdout.write(`${name}: ${history.events?.length ?? 0} events, ${text.length} characters\n`);
  }
}

async function inTime<T>(label: string, work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`${label} hangs`)), longestSceneMs);
  return Promise.race([work, late.promise]).finally(() => clearTimeout(timer));
}

const waiting = [...scenes];
const problems: string[] = [];
await Promise.all(
  Array.from({ length: lanes }, async () => {
    for (let scene = waiting.shift(); scene !== undefined; scene = waiting.shift()) {
      const { label } = scene;
      await record(scene).catch((error: unknown) => problems.push(`${label}: ${String(error)}`));
    }
  }),
);
for (const problem of problems) process.stdout.write(`FAIL ${problem}\n`);
// What still runs, hung scenes among it, ends with the server.
await stopTestServer(folder);
process.exit(problems.length === 0 ? 0 : 1);
