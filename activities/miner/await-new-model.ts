import { setTimeout as sleep } from 'node:timers/promises';
import { cancellationSignal } from '@temporalio/activity';
import { request } from 'undici';
import { readBody } from '../../adapters/artifacts/transfer/answer.ts';
import { beating } from '../beating.ts';
import type { MinerIoActivities } from './activities.ts';
import type { MinerIoDeps } from './deps.ts';

/** Once a block is enough: a training that begins anew loses more than this. */
const longestPauseMs = 12_000;
const patienceMs = 10_000;

/** What waiting stands on. */
export interface AwaitingDeps {
  readonly chain: Pick<MinerIoDeps['chain'], 'blockTimeMs'>;
}

/**
 * Looks at the open health route of a validator's server, once a block, until it names a model that is newer than ours
 * or another one of the same version. The answer is a hint and no more: whatever is downloaded after it is checked as
 * always. A server that does not answer, or does not say, is looked at again.
 */
export const awaitNewModel =
  ({ chain }: AwaitingDeps): MinerIoActivities['awaitNewModel'] =>
  ({ validator, version, modelHash }) =>
    beating(async () => {
      const signal = cancellationSignal();
      const pauseMs = Math.min(longestPauseMs, await chain.blockTimeMs());
      for (;;) {
        await sleep(pauseMs, undefined, { signal });
        const served = await look(validator.url, signal);
        if (served === null || served.version < version || served.modelHash === modelHash) continue;
        return served;
      }
    });

async function look(url: string, signal: AbortSignal) {
  try {
    const patience = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]);
    const { statusCode, body } = await request(`${url}/health`, { signal: patience });
    const { model_version: version, model_hash: modelHash } = await readBody(body);
    return statusCode === 200 && typeof version === 'number' && typeof modelHash === 'string'
      ? { version, modelHash }
      : null;
  } catch (error) {
    if (signal.aborted) throw error;
    return null;
  }
}
