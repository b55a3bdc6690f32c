import { messageOf } from '../domain/errors/error.ts';
import { makeTemporalCli, noBinary } from '../temporal/acquire.ts';
import { buildTemporalCli } from '../temporal/build.ts';
import { findTemporalCli } from '../temporal/cli-binary.ts';
import { downloadTemporalCli } from '../temporal/sdk-download.ts';
import type { Acquired, SourceContext } from '../temporal/sources.ts';

export interface Preparation {
  /** Waits for the CLI; the dependencies are there by now. */
  readonly finish: () => Promise<void>;
  /** Stops the work. */
  readonly abandon: () => Promise<void>;
}

/**
 * Begins to build the Temporal CLI where there is none, beside the installation of the dependencies. Those bring the
 * SDK, whose download takes seconds where the internet is open: it is tried as soon as they are there, and if it works
 * the build is given up.
 * @throws OST_TEMPORAL_CLI_PATH
 */
export function prepareTemporal(context: SourceContext): Preparation | undefined {
  const { environment } = context;
  if (findTemporalCli(environment) !== undefined) return undefined;
  context.say('There is no Temporal CLI on this machine yet: it is built beside the rest.');
  const giveUp = new AbortController();
  const signal = AbortSignal.any([giveUp.signal, ...(context.signal === undefined ? [] : [context.signal])]);
  let settled = false;
  const building = makeTemporalCli([buildTemporalCli], { ...context, signal })
    .catch((error: unknown): Acquired => ({ kind: 'failed', reason: messageOf(error) }))
    .finally(() => {
      settled = true;
    });
  const abandon = async (): Promise<void> => {
    giveUp.abort();
    await building;
  };
  const finish = async (): Promise<void> => {
    if (settled && (await building).kind === 'made') return;
    const downloaded = await downloadTemporalCli(context);
    if (downloaded.kind === 'made') return abandon();
    const built = await building;
    if (built.kind === 'failed') throw noBinary(`${downloaded.reason}; ${built.reason}`, environment);
  };
  return { finish, abandon };
}
