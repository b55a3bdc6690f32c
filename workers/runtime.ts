import { DefaultLogger, type LogEntry, makeTelemetryFilterString, Runtime } from '@temporalio/worker';
import type { Logger } from 'pino';

const levels = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;

/** What every line of the SDK carries and nobody reads; workflow ids stay. */
const noise = new Set(['sdkComponent', 'namespace', 'taskQueue', 'activityId', 'runId']);

/** The SDK's own news: of use to whoever debugs a worker, noise to everybody else. Its errors stay. */
const isOwnNews = ({ level, meta }: LogEntry): boolean => {
  const component: unknown = (meta as Readonly<Record<string, unknown>> | undefined)?.['sdkComponent'];
  return level !== 'ERROR' && component !== 'workflow' && component !== 'activity';
};

/** Only the fields that workflows give and a reader can use. */
const fieldsOf = ({ meta, message }: LogEntry): object =>
  Object.fromEntries(
    Object.entries({ ...meta, message: undefined, text: message }).filter(
      ([key, value]) => !noise.has(key) && key !== 'text' && value !== undefined,
    ),
  );

/**
 * Sends what workflows and the SDK log into our log. Called once, before anything else of the SDK: its runtime is one
 * for the process. Signals are ours, because a process here is more than its workers and ends in an order of its own.
 */
export function installRuntime(log: Logger): void {
  Runtime.install({
    logger: new DefaultLogger('INFO', (entry) =>
      log[isOwnNews(entry) ? 'debug' : levels[entry.level]](fieldsOf(entry), entry.message),
    ),
    shutdownSignals: [],
    telemetryOptions: {
      logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }) },
    },
  });
}
