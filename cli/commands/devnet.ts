import { join } from 'node:path';
import { choosePort } from '../../adapters/processes/ports.ts';
import { ProcessRegistry } from '../../adapters/processes/registry.ts';
import { startDevnet } from '../../devnet/chain/start.ts';
import { createLog } from '../log.ts';
import { aborted, stopSignal } from '../stop-signal.ts';

export interface DevnetOptionsOfCommand {
  readonly port?: number;
  readonly blockTime: number;
  readonly state: string;
  readonly memory: boolean;
  readonly weightsRateLimit?: number;
  readonly tempo?: number;
  readonly minAllowedWeights?: number;
  /** Further keys that are registered as miners at genesis, as URIs. */
  readonly miner: readonly string[];
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
  const { weightsRateLimit, tempo, minAllowedWeights } = options;
  const chain = await startDevnet({
    folder: options.memory ? null : join(options.state, 'chain'),
    port,
    blockTimeMs: options.blockTime,
    subnet: {
      ...(weightsRateLimit === undefined ? {} : { weightsRateLimit }),
      ...(tempo === undefined ? {} : { tempo }),
      ...(minAllowedWeights === undefined ? {} : { minAllowedWeights }),
    },
    neurons: options.miner.filter((account) => account !== '//Bob').map((account) => ({ account, role: 'miner' })),
  });
  const registry = new ProcessRegistry(options.state);
  const record = registry.register({ role: 'chain', label: 'devnet', ports: [chain.port], address: chain.url });
  log.info({ event: 'chain_ready', url: chain.url, port: chain.port, genesis: chain.genesis }, `Chain at ${chain.url}`);
  for (const account of chain.accounts) {
    log.info({ event: 'chain_account', ...account }, `${account.uri}: ${account.address} ${account.role}`);
  }
  await aborted(stop);
  await chain.close();
  registry.unregister(record);
}
