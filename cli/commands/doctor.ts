import { statfs } from 'node:fs/promises';
import { type ChainClient, connectChain } from '../../adapters/chain/client.ts';
import { checkExpertGroups, readExpertGroups } from '../../adapters/model/expert-groups.ts';
import { modelGroups } from '../../adapters/published-model/import-base.ts';
import { loadConfig } from '../../config/load.ts';
import { isOstinatoError, messageOf } from '../../domain/errors/error.ts';
import { cudaHint, executionProviders, lacks, type ProviderSetting } from '../../domain/execution-provider.ts';
import { findTemporalCli } from '../../temporal/cli-binary.ts';
import { readIdentity } from '../identity.ts';

export interface DoctorOptions {
  readonly path?: string;
  readonly role: 'validator' | 'miner';
}

type Finding = { readonly good: boolean; readonly text: string; readonly todo?: string };

const gib = 1024 ** 3;

/** `ostinato doctor`: one line a check; false where something is missing. */
export async function doctor(options: DoctorOptions, write: (line: string) => void): Promise<boolean> {
  const provider = runtimeProviders(providerOf(options));
  const checks: (() => Promise<Finding> | Finding)[] = [nodeVersion, temporalCli, provider, diskSpace];
  if (options.path !== undefined) checks.push(...deploymentChecks(options));
  let good = true;
  for (const check of checks) {
    const found = await attempt(check);
    good &&= found.good;
    write(`${found.good ? 'ok     ' : 'MISSING'} ${found.text}`);
    if (found.todo !== undefined) write(`        ${found.todo}`);
  }
  return good;
}

/** The deployment's own wish, where one is named; a configuration that cannot be read has a line of its own. */
function providerOf({ path, role }: DoctorOptions): ProviderSetting {
  if (path === undefined || role !== 'validator') return 'auto';
  try {
    return loadConfig({ role, path }).config.evaluator_provider;
  } catch {
    return 'auto';
  }
}

async function attempt(check: () => Promise<Finding> | Finding): Promise<Finding> {
  try {
    return await check();
  } catch (error) {
    return { good: false, text: messageOf(error), ...(isOstinatoError(error) ? { todo: error.todo } : {}) };
  }
}

const nodeVersion = (): Finding => ({
  good: Number(process.versions.node.split('.')[0]) >= 24,
  text: `Node ${process.version}`,
});

function temporalCli(): Finding {
  const found = findTemporalCli(process.env);
  if (found !== undefined) return { good: true, text: `Temporal CLI at ${found.path}` };
  return {
    good: false,
    text: 'no Temporal CLI on PATH or in the cache',
    todo: 'It is downloaded or built at the first start; TEMPORAL_CLI_PATH names one that you have, TEMPORAL_ADDRESS a server.',
  };
}

/** Where losses are computed. The processor always works, so a missing GPU is a hint and no fault. */
const runtimeProviders = (setting: ProviderSetting) => async (): Promise<Finding> => {
  const { chooseProvider, findCapabilities, runtimeVersion } = await import('../../adapters/model/providers.ts');
  const { provider, passedOver } = await chooseProvider(setting, 0);
  const found = findCapabilities();
  const missing = executionProviders.flatMap((each) => {
    const why = lacks(each, found) ?? passedOver.find((tried) => tried.provider === each)?.why;
    return why === undefined || each === provider ? [] : [`no ${each}: ${why}`];
  });
  const text = `ONNX Runtime ${runtimeVersion()} computes by ${[provider, ...missing].join('; ')}`;
  return { good: true, text, ...(found.cudaLibrary ? {} : { todo: cudaHint }) };
};

async function diskSpace(): Promise<Finding> {
  const { bavail, bsize } = await statfs('.');
  const free = (bavail * bsize) / gib;
  return {
    good: free >= 2,
    text: `${free.toFixed(1)} GiB free here`,
    ...(free >= 2 ? {} : { todo: 'Checkpoints and the ledger need at least 2 GiB.' }),
  };
}

/** The first of the endpoints that answers, with its head. */
async function reach(what: string, endpoints: readonly string[]): Promise<Finding> {
  await using chain = disposable(await connectChain({ endpoints, timeoutMs: 10_000 }));
  const { number } = await chain.client.head();
  return { good: true, text: `${what} ${chain.client.endpoint} at block ${number}` };
}

const disposable = (client: ChainClient) => ({ client, [Symbol.asyncDispose]: () => client.close() });

function deploymentChecks(options: DoctorOptions): (() => Promise<Finding>)[] {
  const load = () => loadConfig({ role: options.role, ...(options.path === undefined ? {} : { path: options.path }) });
  return [
    async () => ({ good: true, text: `settings of ${load().folder}` }),
    async () => {
      const { model_path: folder } = load().config;
      const count = await modelGroups(folder);
      const groups = await readExpertGroups(folder);
      if (groups !== null) await checkExpertGroups(folder, groups);
      const names = groups === null ? '' : ` (${groups.map(({ name }) => name).join(', ')})`;
      return { good: true, text: `model in ${folder}: ${count} expert groups${names}` };
    },
    async () => reach('chain', load().config.chain_endpoint),
    async () => {
      const archive = load().config.chain_archive_endpoint;
      if (archive != null) return reach('archive', archive);
      return {
        good: true,
        text: 'no archive endpoint',
        todo: 'A start long after a phase reads blocks that other nodes have pruned: chain_archive_endpoint names one that keeps them.',
      };
    },
    async () => {
      const identity = await readIdentity(load().folder);
      return identity === null
        ? { good: true, text: 'never started yet, so the hotkey is not known' }
        : { good: true, text: `hotkey ${identity.hotkey}` };
    },
  ];
}
