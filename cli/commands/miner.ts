import { loadConfig } from '../../config/load.ts';
import { netuid } from '../../domain/units.ts';
import { connectClient } from '../../temporal/connect.ts';
import { chainLabel } from '../../temporal/ids.ts';
import { startMinerIo, startMinerTrain } from '../../workers/miner.ts';
import { type CommonOptions, OpenDeployment } from '../deployment.ts';
import { awaitIdentity, writeIdentity } from '../identity.ts';
import { followJoined } from '../start/follow.ts';
import { startMiner } from '../start/miner.ts';
import { openMinerMetrics } from '../start/miner-metrics.ts';
import { aborted, stopSignal } from '../stop-signal.ts';

export interface MinerOptions extends CommonOptions {
  readonly flags: Readonly<Record<string, unknown>>;
  readonly cycles?: number;
}

/** The two processes of a miner; `both` is the one that does the work of the two. */
export type MinerPart = 'io' | 'train' | 'both';

/** `ostinato miner io | train`, or both in one process. */
export async function runMiner(part: MinerPart, options: MinerOptions): Promise<void> {
  const stop = stopSignal();
  const role = part === 'both' ? 'miner' : `miner ${part}`;
  await using deployment = new OpenDeployment(role, loadConfig({ role: 'miner', ...options }));
  const { config, folder, log } = deployment;
  const target = await deployment.temporal(options.temporal);
  const connection = await deployment.workerConnection(target);
  const onChild = (child: string, pid: number): void => {
    deployment.register({ role: child, pid });
  };
  const done: Promise<void>[] = [aborted(stop)];
  const metrics = await openMinerMetrics(part, deployment);

  if (part !== 'train') {
    const [chain, signing] = await Promise.all([deployment.chain(), deployment.signing('miner', target)]);
    await writeIdentity(folder, { hotkey: signing.hotkey, publicKey: signing.publicKey, genesis: chain.genesis });
    const process = { folder, stateFolder: deployment.stateFolder, temporal: target, connection, chain, log, metrics };
    const io = await startMinerIo(process, config, signing.hotkey);
    deployment.defer(() => io.stop());
    done.push(io.done);
    const { client, connection: clientConnection } = await connectClient(target);
    deployment.defer(() => clientConnection.close());
    const start = () =>
      startMiner(client, {
        chain: chainLabel(chain.genesis),
        netuid: netuid(config.netuid),
        hotkey: signing.hotkey,
        ...(options.cycles === undefined ? {} : { cyclesLeft: options.cycles }),
      });
    const following = followJoined(client, await start(), start);
    deployment.defer(() => following.stop());
  }
  if (part !== 'io') {
    const waiting = () => log.info({ event: 'waiting_for_io' }, 'Waiting for "ostinato miner io" of this directory');
    const identity = await awaitIdentity(folder, waiting, stop);
    if (identity === null) return;
    const { hotkey } = identity;
    const { environment } = deployment;
    const process = { folder, temporal: target, connection, log, metrics, environment };
    const train = await startMinerTrain(process, config, hotkey, onChild);
    deployment.defer(() => train.stop());
    done.push(train.done);
    log.info({ event: 'trainer_ready', hotkey }, 'Trainer ready');
  }
  deployment.register({ namespace: target.namespace });
  log.info({ event: 'miner_ready', part, namespace: target.namespace }, `Miner ready (${part})`);

  await Promise.race(done);
  log.info({ event: 'miner_stopping' }, 'Stopping; training and commits go on with the next start');
}
