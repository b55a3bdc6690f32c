import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client } from '@temporalio/client';
import { modelRecord } from '../../activities/cycle/model-record.ts';
import { createMinerTrainActivities } from '../../activities/miner/train-group.ts';
import { openStore } from '../../adapters/artifacts/store.ts';
import { openLedger } from '../../adapters/ledger/open.ts';
import { minerMetrics } from '../../adapters/metrics/miner-metrics.ts';
import type { ManagedChild } from '../../adapters/processes/children.ts';
import { Turns } from '../../adapters/processes/turns.ts';
import { openPublishedModels } from '../../adapters/published-model/open.ts';
import { initConfig } from '../../config/init.ts';
import { type Devnet, startDevnet } from '../../devnet/chain/start.ts';
import type { SubmissionRecord } from '../../domain/cycle-record.ts';
import { blocks, type Hotkey, hotkey, milliseconds, netuid, uid } from '../../domain/units.ts';
import { chainLabel, submissionId, taskQueues } from '../../temporal/ids.ts';
import type { SubmissionWorkflow } from '../../workflows/submission.ts';
import { asActivity } from '../activities/as-activity.ts';
import { modelFolder as reference, shortPolicy, temporaryFolder } from '../adapters/model/reference.ts';
import { readBundle } from '../adapters/model-export/bundles.ts';
import { testTemporal } from '../setup/temporal.ts';
import { EventLog, type Seen } from './event-log.ts';
import { startOstinato } from './processes.ts';

const temporal = await testTemporal();
const made = temporaryFolder();
const bundle = await readBundle('qwen2_moe');
const log = new EventLog();
const names = ['alice', 'ferdie'] as const;
type Name = (typeof names)[number];
const group = 1;
const submissions = 5;
const rows = Array.from({ length: 24 }, (_, row) => row);

let folder = '';
let devnet: Devnet;
const children: ManagedChild[] = [];
const pathOf = (name: Name): string => join(folder, 'checkpoints', 'validator', name, 'test');
const namespaceOf = (name: Name): string => `${folder.split('/').at(-1)}-${name}`;

/** One text to judge by and to train on, in the tokens of the bundle's own tokenizer. */
async function writeText(): Promise<string> {
  const path = join(folder, 'text.jsonl');
  const text = (await readFile(join(reference, 'corpus/group_0.train.txt'), 'utf8')).slice(0, 8000);
  await writeFile(path, `${JSON.stringify({ text })}\n`);
  return path;
}

/** What a miner of this model trains: its slice, by a real trainer process. */
async function trainedOn(datasetPath: string) {
  const store = await openStore(join(folder, 'miner'));
  const ref = await store.put({ file: bundle.parts.groups[group] ?? '' }, 'application/vnd.safetensors');
  const note = (): void => undefined;
  const { trainGroup } = createMinerTrainActivities({
    hotkey: hotkey('5Miner'),
    store,
    modelFolder: bundle.modelFolder,
    groups: bundle.parts.groups.length,
    datasetPath,
    trainings: join(folder, 'training'),
    finalFile: null,
    command: null,
    metrics: minerMetrics([]),
    log: { debug: note, info: note, warn: note, error: note },
  });
  const slice = { ref, group, hash: '', version: 0, modelHash: '' };
  const training = { ...shortPolicy, batchSize: 4, evaluateEverySteps: 4, learningRate: 0.01, warmupSteps: 1 };
  const trained = await asActivity(() => trainGroup({ cycle: 0, slice, training }));
  return { ...trained, file: store.path(trained.ref.digest) };
}

async function startValidator(name: Name, datasetPath: string): Promise<Hotkey> {
  initConfig({
    role: 'validator',
    hotkey: name,
    run: 'test',
    folder: pathOf(name),
    values: {
      model_path: bundle.modelFolder,
      eval_dataset_path: datasetPath,
      chain_endpoint: devnet.url,
      netuid: 1,
      schedule: 'demo',
      state_dir: folder,
      'wallet.uri': `//${name[0]?.toUpperCase()}${name.slice(1)}`,
      'temporal.namespace': namespaceOf(name),
      'axon.external_ip': '127.0.0.2',
      evaluator_threads: 1,
    },
  });
  const args = ['validator', '--no-start', '--path', pathOf(name), '--temporal', temporal.address];
  children.push(await startOstinato(name, args, folder, (line) => log.add(name, line)));
  const { fields } = await log.wait({ source: name, event: 'validator_ready' });
  return hotkey(String(fields['hotkey']));
}

/** Has a validator judge one file as the submissions of so many miners. */
async function judge(name: Name, validator: Hotkey, { ref, modelHash, file }: Awaited<ReturnType<typeof trainedOn>>) {
  const store = await openStore(join(pathOf(name), 'artifacts'));
  await store.put({ file }, 'application/vnd.safetensors');
  const served = await (await openPublishedModels(join(pathOf(name), 'model'), store)).current();
  if (served === null) throw new Error(`${name} serves no model`);
  const chain = chainLabel(devnet.genesisHash);
  const ledger = await openLedger({ file: join(pathOf(name), 'ledger.sqlite') });
  const { workflow } = new Client({ connection: temporal.client.connection, namespace: namespaceOf(name) });
  const running = [];
  for (let number = 1; number <= submissions; number += 1) {
    const miner = hotkey(`5Miner${number}`);
    const scope = { chain, netuid: netuid(1), validator, cycle: 0 };
    const { digest, bytes } = ref;
    const when = { block: blocks(1), receivedAtBlock: blocks(1) };
    await ledger.submissions.accept({ ...scope, hotkey: miner, group, modelHash, digest, bytes, ...when });
    const entry = { hotkey: miner, uid: uid(number), group, modelHash, version: 0, commitBlock: blocks(1) };
    const input: Parameters<typeof SubmissionWorkflow>[0] = {
      ...scope,
      window: { start: blocks(0), end: blocks(100) },
      blockTimeMs: milliseconds(100),
      model: modelRecord(served),
      seed: 'ab'.repeat(32),
      entry: { ...entry, artifact: { kind: 'pushed' }, commitIndex: number, fault: null },
      source: { kind: 'own' },
      batch: { group, rows, batchSize: 4 },
    };
    const handle = await workflow.start<typeof SubmissionWorkflow>('SubmissionWorkflow', {
      workflowId: submissionId(chain, 1, validator, 0, miner),
      taskQueue: taskQueues.workflows.validator,
      args: [input],
    });
    running.push(handle.result());
  }
  await ledger.close();
  return running;
}

describe('two validators of one machine, on a model that was exported', () => {
  const records = new Map<Name, readonly SubmissionRecord[]>();

  beforeAll(async () => {
    ({ path: folder } = await made);
    await mkdir(join(folder, 'tmp'));
    devnet = await startDevnet({
      folder: null,
      port: 0,
      blockTimeMs: 'gated',
      salt: 'neighbours',
      defaultNeurons: false,
      neurons: names.map((name) => ({ account: `//${name[0]?.toUpperCase()}${name.slice(1)}`, role: 'validator' })),
    });
    const datasetPath = await writeText();
    const [trained, ...validators] = await Promise.all([
      trainedOn(datasetPath),
      ...names.map((name) => startValidator(name, datasetPath)),
    ]);
    // The device is taken until both stand in line, so that neither has had it before the other one asked.
    const devices = join(folder, 'run', 'devices.sqlite');
    using turns = new Turns(devices);
    const { signal } = new AbortController();
    const end = await turns.take({ thing: 'cpu-0', longestMs: 600_000, signal });
    const running = await Promise.all(names.map((name, at) => judge(name, validators[at] ?? hotkey(''), trained)));
    using database = new DatabaseSync(devices, { readOnly: true });
    const inLine = () => Number(database.prepare('select count(distinct pid) as n from ticket').get()?.['n']);
    while (inLine() < 1 + names.length) await delay(50);
    expect(log.all({ event: 'evaluated' })).toEqual([]);
    end();
    for (const [at, name] of names.entries()) records.set(name, await Promise.all(running[at] ?? []));
    // A workflow's result may overtake the line that its worker wrote before.
    while (log.all({ event: 'evaluated' }).length < names.length * submissions) await delay(50);
  }, 240_000);

  afterAll(async () => {
    await Promise.all(children.map((child) => child.stop()));
    await devnet?.close();
    await (await made)[Symbol.asyncDispose]();
  }, 60_000);

  test('judge what a miner has trained on it, each by processes of its own, to the same losses', () => {
    const [first, second] = names.map((name) => records.get(name) ?? []);
    expect(first).toHaveLength(submissions);
    for (const { outcome, w } of first ?? []) expect([outcome, (w ?? 0) > 0]).toEqual(['ok', true]);
    const losses = (all: readonly SubmissionRecord[] | undefined) =>
      all?.map(({ outcome, lossBefore, lossAfter, w }) => ({ outcome, lossBefore, lossAfter, w }));
    expect(losses(second)).toEqual(losses(first));
    expect(log.errors()).toEqual([]);
  });

  test('have the device in turns: when one is done with all, the other is not far behind', () => {
    // By the lines' own time: two pipes are read one after the other, however their lines were written.
    const timeOf = ({ fields }: Seen) => Number(fields['time']);
    const lines = log.all({ event: 'evaluated' }).toSorted((one, other) => timeOf(one) - timeOf(other));
    const done = lines.map(({ source }) => source);
    expect(done).toHaveLength(names.length * submissions);
    const lastOf = Math.min(...names.map((name) => done.lastIndexOf(name)));
    const other = names.find((name) => name !== done[lastOf]);
    expect(done.slice(0, lastOf).filter((name) => name === other).length).toBeGreaterThan(submissions / 2);
    expect(log.all({ event: 'device_not_shared' })).toEqual([]);
  });
});
