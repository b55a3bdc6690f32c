import {
  DefaultLogger,
  GracefulShutdownPeriodExpiredError,
  type LogEntry,
  makeTelemetryFilterString,
  Runtime,
} from '@temporalio/worker';
import type { Logger } from 'pino';

const levels = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;

/** What every line of the SDK carries and nobody reads; workflow ids stay. */
const noise = new Set(['sdkComponent', 'namespace', 'taskQueue', 'activityId', 'runId']);

/** The SDK's own news: of use to whoever debugs a worker, noise to everybody else. Its errors stay. */
const isOwnNews = ({ level, meta }: LogEntry): boolean => {
  const component: unknown = (meta as Readonly<Record<string, unknown>> | undefined)?.['sdkComponent'];
  return level !== 'ERROR' && component !== 'workflow' && component !== 'activity';
};

/**
 * A worker that was told to end and did not do so in its time. Nothing is lost by it, for what it had in hand is
 * repeated elsewhere; the SDK calls it a failure all the same.
 */
const isAbandoned = ({ meta }: LogEntry): boolean => {
  const error: unknown = (meta as Readonly<Record<string, unknown>> | undefined)?.['error'];
  return error instanceof GracefulShutdownPeriodExpiredError;
};

/** Only the fields that workflows give and a reader can use. */
const fieldsOf = ({ meta, message }: LogEntry): object =>
  Object.fromEntries(
    Object.entries({ ...meta, message: undefined, text: message }).filter(
      ([key, value]) => !noise.has(key) && key !== 'text' && value !== undefined,
    ),
  );

/** Passes one entry of the SDK on to our log. */
export function passOn(log: Pick<Logger, (typeof levels)[keyof typeof levels]>, entry: LogEntry): void {
  if (isAbandoned(entry)) {
    log.warn({ event: 'worker_abandoned' }, 'A worker did not end in its time; what it had in hand is repeated');
    return;
  }
  log[isOwnNews(entry) ? 'debug' : levels[entry.level]](fieldsOf(entry), entry.message);
}

/**
 * Sends what workflows and the SDK log into our log. Called once, before anything else of the SDK: its runtime is one
 * for the process. Signals are ours, because a process here is more than its workers and ends in an order of its own.
 */
export function installRuntime(log: Logger): void {
  Runtime.install({
    logger: new DefaultLogger('INFO', (entry) => passOn(log, entry)),
    shutdownSignals: [],
    telemetryOptions: {
      logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }) },
    },
  });
}
