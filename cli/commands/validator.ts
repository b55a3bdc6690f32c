import { loadConfig } from '../../config/load.ts';
import { netuid } from '../../domain/units.ts';
import { signs } from '../../domain/weights-rules.ts';
import { connectClient } from '../../temporal/connect.ts';
import { chainLabel } from '../../temporal/ids.ts';
import { startValidator } from '../../workers/validator.ts';
import { type CommonOptions, OpenDeployment } from '../deployment.ts';
import { writeIdentity } from '../identity.ts';
import { requestAxon } from '../start/axon.ts';
import { startCycle } from '../start/cycle.ts';
import { followJoined } from '../start/follow.ts';
import { aborted, stopSignal } from '../stop-signal.ts';

export interface ValidatorOptions extends CommonOptions {
  readonly flags: Readonly<Record<string, unknown>>;
  /** False: only serve the task queues; somebody else starts the cycles. */
  readonly start: boolean;
  readonly cycles?: number;
}

/** `ostinato validator`: constant evaluation. Ends on SIGTERM, and can be killed at any moment. */
export async function runValidator(options: ValidatorOptions): Promise<void> {
  const stop = stopSignal();
  await using deployment = new OpenDeployment('validator', loadConfig({ role: 'validator', ...options }));
  const { config, folder, log } = deployment;
  const target = await deployment.temporal(options.temporal);
  const [connection, chain, signing] = await Promise.all([
    deployment.workerConnection(target),
    deployment.chain(),
    deployment.signing('validator', target),
  ]);
  await writeIdentity(folder, { hotkey: signing.hotkey, publicKey: signing.publicKey, genesis: chain.genesis });

  const process = { folder, stateFolder: deployment.stateFolder, temporal: target, connection, chain, log };
  const validator = await startValidator(process, config, signing, (role, pid) => deployment.register({ role, pid }));
  deployment.defer(() => validator.stop());
  deployment.register({ namespace: target.namespace });

  const { client, connection: clientConnection } = await connectClient(target);
  deployment.defer(() => clientConnection.close());
  const place = { chain: chainLabel(chain.genesis), netuid: netuid(config.netuid), hotkey: signing.hotkey };
  const { number: head } = await chain.head();
  if (signs(config.weights.mode)) await requestAxon(client, place, config, head);
  if (options.start) {
    const start = () =>
      startCycle(client, { ...place, ...(options.cycles === undefined ? {} : { cyclesLeft: options.cycles }) });
    const following = followJoined(client, await start(), start);
    deployment.defer(() => following.stop());
  }
  log.info(
    { event: 'validator_ready', ...place, head, namespace: target.namespace },
    '(0) Commit new seed for next validation',
  );

  await Promise.race([aborted(stop), validator.done]);
  log.info({ event: 'validator_stopping' }, 'Stopping; the cycle goes on where it is with the next start');
}
