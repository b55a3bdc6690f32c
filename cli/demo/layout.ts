import { join } from 'node:path';
import { initConfig } from '../../config/init.ts';

/** One deployment of the demo. Development keys: everybody knows them, and they are worth nothing. */
export interface DemoDeployment {
  readonly name: string;
  readonly role: 'validator' | 'miner';
  readonly uri: string;
  readonly group: number;
}

export const demoDeployments: readonly DemoDeployment[] = [
  { name: 'alice', role: 'validator', uri: '//Alice', group: 0 },
  { name: 'bob', role: 'miner', uri: '//Bob', group: 0 },
  { name: 'charlie', role: 'miner', uri: '//Charlie', group: 1 },
  { name: 'dave', role: 'miner', uri: '//Dave', group: 2 },
];

export const demoNetuid = 1;
/**
 * The chain refuses 127.0.0.1 as a neuron's address, as the real one does, and takes the rest of the loopback range.
 */
export const demoServerHost = '127.0.0.2';

export interface DemoPlaces {
  readonly stateFolder: string;
  readonly chainUrl: string;
  readonly serverPort: number;
}

export const folderOf = (stateFolder: string, { role, name }: DemoDeployment): string =>
  join(stateFolder, 'checkpoints', role, name, 'demo');

/** Writes the deployments' settings anew at every start: ports may have changed, everything else is always the same. */
export function writeDeployments({ stateFolder, chainUrl, serverPort }: DemoPlaces): void {
  for (const deployment of demoDeployments) {
    const { role, name, uri, group } = deployment;
    const common = {
      chain_endpoint: chainUrl,
      netuid: demoNetuid,
      schedule: 'demo',
      state_dir: stateFolder,
      expert_group: group,
      'wallet.uri': uri,
    };
    const own =
      role === 'validator'
        ? {
            server_host: demoServerHost,
            server_port: serverPort,
            'axon.external_ip': demoServerHost,
            'axon.external_port': serverPort,
            // The miners train on the same two cores while this process waits.
            evaluator_threads: 2,
          }
        : { 'training.threads': 1, 'training.checkpoint_interval_steps': 20 };
    initConfig({
      role,
      hotkey: name,
      run: 'demo',
      folder: folderOf(stateFolder, deployment),
      values: { ...common, ...own },
      ifExists: 'overwrite',
    });
  }
}
