import { join } from 'node:path';
import { initConfig } from '../../config/init.ts';
import { type DemoDeployment, type DemoSize, demoParties, demoSchedule, demoSteps } from './parties.ts';

export const demoNetuid = 1;
/**
 * The chain refuses 127.0.0.1 as a neuron's address, as the real one does, and takes the rest of the loopback range.
 */
export const demoServerHost = '127.0.0.2';

export interface DemoPlaces {
  readonly stateFolder: string;
  readonly chainUrl: string;
  /** Of each validator's model server, by the validator's name. */
  readonly serverPorts: ReadonlyMap<string, number>;
}

export const folderOf = (stateFolder: string, { role, name }: Pick<DemoDeployment, 'role' | 'name'>): string =>
  join(stateFolder, 'checkpoints', role, name, 'demo');

/** Writes the deployments' settings anew at every start: ports may have changed, everything else is always the same. */
export function writeDeployments(
  { stateFolder, chainUrl, serverPorts }: DemoPlaces,
  size: DemoSize,
  steps: number | null = demoSteps(size),
): void {
  const { name: scheduleName, lengths } = demoSchedule(size);
  for (const deployment of demoParties(size)) {
    const { role, name, uri, group } = deployment;
    const common = {
      chain_endpoint: chainUrl,
      netuid: demoNetuid,
      schedule: scheduleName === 'demo' ? scheduleName : [...lengths],
      state_dir: stateFolder,
      expert_group: group,
      'wallet.uri': uri,
    };
    const port = serverPorts.get(name) ?? 0;
    const own =
      role === 'validator'
        ? {
            server_host: demoServerHost,
            server_port: port,
            'axon.external_ip': demoServerHost,
            'axon.external_port': port,
            // The miners train on the same two cores while this process waits.
            evaluator_threads: size.validators > 1 ? 1 : 2,
          }
        : {
            'training.threads': 1,
            'training.checkpoint_interval_steps': 20,
            ...(steps === null ? {} : { 'training.steps': steps }),
          };
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
