import { join } from 'node:path';
import { Keyring } from '@polkadot/keyring';
import { choosePort } from '../../adapters/processes/ports.ts';
import { ProcessRegistry } from '../../adapters/processes/registry.ts';
import { type Devnet, startDevnet } from '../../devnet/chain/start.ts';
import { createLog } from '../log.ts';
import { aborted, stopSignal } from '../stop-signal.ts';

export interface DevnetOptionsOfCommand {
  readonly port?: number;
  readonly blockTime: number;
  readonly state: string;
  readonly memory?: boolean;
  /** Build no block before SIGUSR2: whoever needs the first blocks gets ready in peace. */
  readonly hold?: boolean;
  readonly weightsRateLimit?: number;
  readonly tempo?: number;
  readonly minAllowedWeights?: number;
  readonly commitReveal?: boolean;
  readonly revealPeriod?: number;
  readonly mechanisms?: number;
  /** Further keys that are registered as miners at genesis, as URIs. */
  readonly miner?: readonly string[];
  /** Further keys that are registered as validators at genesis, as URIs. */
  readonly validator?: readonly string[];
}

/** The port that local Subtensor nodes listen on. */
const defaultPort = 9944;

/** `ostinato devnet`: the embedded chain alone. */
export async function runDevnet(options: DevnetOptionsOfCommand): Promise<void> {
  const stop = stopSignal();
  const log = createLog({ level: 'info', role: 'chain', label: 'devnet' });
  const { port, note } = await choosePort({
    port: options.port ?? defaultPort,
    purpose: 'the embedded chain',
    configured: options.port !== undefined,
  });
  if (note !== undefined) log.warn({ event: 'port_changed', port }, note);
  const { weightsRateLimit, tempo, minAllowedWeights, blockTime, commitReveal, revealPeriod, mechanisms } = options;
  const miners = (options.miner ?? []).filter((account) => account !== '//Bob');
  const validators = (options.validator ?? []).filter((account) => account !== '//Alice');
  const chain = await startDevnet({
    folder: options.memory ? null : join(options.state, 'chain'),
    port,
    blockTimeMs: options.hold ? 'gated' : blockTime,
    nominalBlockTimeMs: blockTime,
    subnet: {
      ...(weightsRateLimit === undefined ? {} : { weightsRateLimit }),
      ...(tempo === undefined ? {} : { tempo }),
      ...(minAllowedWeights === undefined ? {} : { minAllowedWeights }),
      ...(commitReveal === undefined ? {} : { commitReveal }),
      ...(revealPeriod === undefined ? {} : { revealPeriodEpochs: revealPeriod }),
      ...(mechanisms === undefined ? {} : { mechanisms }),
    },
    neurons: [
      ...miners.map((account) => ({ account, role: 'miner' as const })),
      ...validators.map((account) => ({ account, role: 'validator' as const })),
    ],
  });
  const clock = options.hold ? blockClockOnSignal(chain, blockTime) : null;
  const registry = new ProcessRegistry(options.state);
  const record = registry.register({ role: 'chain', label: 'devnet', ports: [chain.port], address: chain.url });
  const { url, genesisHash: genesis } = chain;
  log.info({ event: 'chain_ready', url, port: chain.port, genesis }, `Chain at ${url} (also http), genesis ${genesis}`);
  const keyring = new Keyring({ type: 'sr25519', ss58Format: 42 });
  for (const uri of ['//Alice', ...validators, '//Bob', ...miners]) {
    const { address } = keyring.addFromUri(uri);
    const sudo = uri === '//Alice' ? ', sudo' : '';
    const role = sudo !== '' || validators.includes(uri) ? `validator with stake and permit${sudo}` : 'miner';
    log.info({ event: 'chain_account', uri, address }, `${uri.padEnd(10)} ${address}  ${role} on netuid 1`);
  }
  await aborted(stop);
  clock?.stop();
  await chain.close();
  registry.unregister(record);
}

/** Starts building blocks when told to. */
function blockClockOnSignal(chain: Devnet, blockTimeMs: number): { stop(): void } {
  let timer: NodeJS.Timeout | null = null;
  process.once('SIGUSR2', () => {
    timer = setInterval(() => {
      chain.buildBlock().catch((error: unknown) => {
        throw error;
      });
    }, blockTimeMs);
  });
  return {
    stop: () => {
      if (timer !== null) clearInterval(timer);
    },
  };
}
