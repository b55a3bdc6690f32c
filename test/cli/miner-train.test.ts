import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readSafetensorsHeader } from '../../adapters/artifacts/safetensors-header.ts';
import { openStore } from '../../adapters/artifacts/store.ts';
import type { ManagedChild } from '../../adapters/processes/children.ts';
import { writeIdentity } from '../../cli/identity.ts';
import { netuid } from '../../domain/units.ts';
import { minerId } from '../../temporal/ids.ts';
import type { MinerWorkflow } from '../../workflows/miner.ts';
import { base, modelFolder, temporaryFolder } from '../adapters/model/reference.ts';
import { testTemporal } from '../setup/temporal.ts';
import { EventLog, type Seen } from '../stack/event-log.ts';
import { runOstinato, startOstinato } from '../stack/processes.ts';
import { type MinerFakes, minerActivityNames, minerScenario, slice } from '../workflows/fakes/miner.ts';
import { fakeWorld } from '../workflows/fakes/world.ts';

const temporal = await testTemporal();
const names = minerActivityNames.filter((name) => name !== 'trainGroup');
const world = fakeWorld<MinerFakes>(temporal, 'miner', names, undefined, ['gpu']);
const made = temporaryFolder();
const log = new EventLog();
const stepOf = ({ fields }: Seen): number => Number(fields['step']);
let folder = '';
let finalFile = '';

beforeAll(async () => {
  const { path } = await made;
  folder = join(path, 'checkpoints', 'miner', '5Miner', 'run');
  finalFile = join(folder, 'mycelia_final.safetensors');
  await mkdir(join(path, 'tmp'));
  await mkdir(folder, { recursive: true });
  const config = {
    model_path: modelFolder,
    netuid: 1,
    temporal: { namespace: temporal.namespace },
    log: { prometheus_port: 0 },
  };
  await writeFile(join(folder, 'config.yaml'), JSON.stringify(config));
  await writeIdentity(folder, { hotkey: world.hotkey, publicKey: '0x00', genesis: '0xaa' });
});
afterAll(async () => (await made)[Symbol.asyncDispose]());

async function startTrainer(): Promise<ManagedChild> {
  const { path } = await made;
  const args = ['miner', 'train', '--path', folder, '--temporal', temporal.address];
  return startOstinato('miner train', args, path, (line) => log.add('train', line));
}

test('"miner train" does not start with a precision that the built-in trainer does not know', async () => {
  const { path } = await made;
  const args = [
    'miner',
    'train',
    '--path',
    folder,
    '--temporal',
    temporal.address,
    '--training-precision',
    'bf16-mixed',
  ];
  const { code, stderr, stdout } = await runOstinato(args, path);
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /OST_TRAINER_PRECISION The built-in trainer computes in fp32, and training\.precision is bf16-mixed\./,
  );
  expect(stderr).toContain('Set training.precision to fp32, or training.command to a trainer that knows bf16-mixed.');
  expect(stdout).toMatch(/Wrote config \S+\/effective-miner-train\.json/);
});

/** A miner's workflow whose activities are all done at once, but for the training. */
async function startWorkflow() {
  const store = await openStore(join(folder, 'artifacts'));
  const ref = await store.put({ file: base.groups[1] ?? '' }, 'application/vnd.safetensors');
  const seen = minerScenario({ activities: () => ({ downloadSlice: async () => ({ ...slice, ref }) }) });
  const label = world.enter(seen.fakes);
  const handle = await temporal.client.workflow.start<typeof MinerWorkflow>('MinerWorkflow', {
    workflowId: minerId(label, 1, world.hotkey),
    taskQueue: world.queue,
    args: [{ chain: label, netuid: netuid(1), hotkey: world.hotkey, cyclesLeft: 1 }],
  });
  return { ...seen, handle };
}

/** The counters in a state's file. */
async function stepIn(file: string): Promise<number> {
  const { metadata } = await readSafetensorsHeader(file);
  return JSON.parse(metadata.get('counters') ?? '{}').step;
}

const steps = (since: number): readonly number[] => log.all({ event: 'training_step', since }).map(stepOf);

test('"miner train" that is told to end saves its state and ends in order; one that is killed has its last checkpoint', async () => {
  const first = await startTrainer();
  const { handle } = await startWorkflow();
  await log.wait({ event: 'training_step', fields: { step: 6 } });
  const metricsAt = String((await log.wait({ event: 'metrics_ready' })).fields['url']);
  const text = await (await fetch(metricsAt)).text();
  expect(text).toMatch(/^miner_training_loss\{expert_group="1"\} \d+\.\d+$/m);
  expect(text).toMatch(/^miner_learning_rate\{expert_group="1"\} 0\.\d+$/m);

  expect(await first.stop()).toBe('ended');
  expect((await first.exited).code).toBe(0);
  const reached = steps(0).at(-1) ?? Number.NaN;
  expect(await stepIn(finalFile)).toBe(reached);
  expect(log.all({ event: 'worker_abandoned' })).toEqual([]);
  const lines = (await readFile(join(folder, 'metrics.jsonl'), 'utf8')).trimEnd().split('\n');
  const losses = lines.map((line) => JSON.parse(line)).filter((point) => 'train/loss' in point);
  expect(losses.map(({ step }) => step)).toEqual(Array.from({ length: reached }, (_, index) => index + 1));

  const second = log.mark();
  const killed = await startTrainer();
  const resumed = await log.wait({ event: 'training_step', since: second });
  expect(stepOf(resumed)).toBe(reached + 1);
  const saved = stepOf(await log.wait({ event: 'training_checkpoint', since: second }));
  process.kill(-killed.pid, 'SIGKILL');
  await killed.exited;
  // Temporal waits for the heartbeats of the dead before it tries again; another run of the same cycle does not.
  await handle.terminate();

  const third = log.mark();
  const last = await startTrainer();
  const again = await startWorkflow();
  const begun = stepOf(await log.wait({ event: 'training_step', since: third }));
  // Nothing was locked, and of what was done since the last checkpoint nothing else is lost.
  expect((begun - 1) % 4).toBe(0);
  expect(begun).toBeGreaterThan(saved);
  again.chain.allow(43);
  expect(await again.handle.result()).toMatchObject({ result: 'submitted' });
  expect(await last.stop()).toBe('ended');
  // Three processes, one after the other.
}, 120_000);
