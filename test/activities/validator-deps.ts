import { join } from 'node:path';
import type { CycleRules, ValidatorDeps } from '../../activities/cycle/deps.ts';
import { openStore } from '../../adapters/artifacts/store.ts';
import type { ChainClient } from '../../adapters/chain/client.ts';
import { openLedger } from '../../adapters/ledger/open.ts';
import { openCorpus } from '../../adapters/model/corpus.ts';
import { type Evaluator, startEvaluator } from '../../adapters/model/evaluator.ts';
import { openPublishedModels } from '../../adapters/published-model/open.ts';
import { capturedSchedule } from '../../adapters/schedule/captured.ts';
import { verifySignature } from '../../adapters/wallet/verify.ts';
import { schedules } from '../../domain/phases.ts';
import { ruleOf } from '../../domain/scoring/rule.ts';
import { hotkey, netuid } from '../../domain/units.ts';
import { modelFolder, temporaryFolder } from '../adapters/model/reference.ts';

/** //Alice, the embedded chain's validator. */
export const alice = hotkey('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY');

export const rules: CycleRules = {
  groups: 4,
  evalRows: 8,
  evalSelection: 'drawn',
  evalBatchSize: 4,
  scoreRule: ruleOf('relative-drop-ema', 0.9),
  outer: { learningRate: 0.7, momentum: 0.9 },
  minimumContributors: null,
  consensusTimeoutMs: 60_000,
  seedSource: 'validator_commits',
  fixedSeed: null,
  weightsVersionKey: '0',
  weights: {
    mecid: 0,
    mode: 'full',
    policy: 'last_good',
    limits: { minCoverage: 0.5, maxMovement: 0.5, maxShare: 1, maxDeparted: 0.2 },
    resendAfterBlocks: null,
  },
  expertGroup: 0,
};

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** Stands where a test needs no such part, and says so to one that does. */
const absent = <T extends object>(name: string): T =>
  new Proxy({} as T, {
    get: () => {
      throw new Error(`this test has no ${name}`);
    },
  });

/**
 * A validator's real ledger, store, published model and corpus in a folder of their own; chain and evaluator on wish.
 */
export async function validatorDeps({
  chain = null,
  evaluator = false,
}: {
  readonly chain?: ChainClient | null;
  readonly evaluator?: boolean;
} = {}) {
  const folder = await temporaryFolder();
  const ledger = await openLedger({ file: join(folder.path, 'ledger.sqlite') });
  const store = await openStore(join(folder.path, 'artifacts'));
  const models = await openPublishedModels(join(folder.path, 'model'), store);
  const started: Evaluator | null = evaluator ? await startEvaluator({ modelFolder, threads: 1 }) : null;
  const deps: ValidatorDeps = {
    schedules: { current: async () => ({ schedule: schedules['mycelia-45'], stale: null }) },
    captured: capturedSchedule(folder.path, '0xaa'),
    chainName: 'devnet',
    netuid: netuid(1),
    hotkey: alice,
    rules,
    chain: chain ?? absent<ChainClient>('chain'),
    ledger,
    store,
    models,
    evaluator: started ?? absent<Evaluator>('evaluator'),
    corpus: await openCorpus(modelFolder),
    verify: verifySignature,
    evaluationTimeoutMs: 50_000,
    checkpointsKept: 10,
    downloads: join(folder.path, 'downloads'),
    maxSubmissionBytes: 100_000_000,
    transfers: {
      hub: { url: 'http://127.0.0.1:9', token: null },
      allowPrivate: false,
      ranges: 2,
      slowestBytesPerSecond: 1000,
    },
    log: silent,
  };
  return {
    deps,
    folder: folder.path,
    async [Symbol.asyncDispose]() {
      await started?.close();
      await ledger.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}
