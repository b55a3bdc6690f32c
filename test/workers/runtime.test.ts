import { describe, expect, test } from '@jest/globals';
import { GracefulShutdownPeriodExpiredError, type LogEntry } from '@temporalio/worker';
import pino from 'pino';
import { passOn } from '../../workers/runtime.ts';

function logged(entry: Omit<LogEntry, 'timestampNanos'>) {
  const lines: Record<string, unknown>[] = [];
  const log = pino({ level: 'debug', base: {} }, { write: (line: string) => lines.push(JSON.parse(line)) });
  passOn(log, { timestampNanos: 0n, ...entry });
  return lines[0];
}

describe('what the SDK logs', () => {
  test('of a worker that did not end in its time is a warning in our words', () => {
    const error = new GracefulShutdownPeriodExpiredError('Timed out');
    const line = logged({ level: 'ERROR', message: 'Worker failed', meta: { sdkComponent: 'worker', error } });
    expect(line).toMatchObject({ level: 40, event: 'worker_abandoned' });
  });

  test('of a worker that failed otherwise stays an error', () => {
    const line = logged({
      level: 'ERROR',
      message: 'Worker failed',
      meta: { sdkComponent: 'worker', error: new Error() },
    });
    expect(line).toMatchObject({ level: 50, msg: 'Worker failed' });
  });

  test('of its own doings is for whoever debugs', () => {
    const line = logged({ level: 'INFO', message: 'Worker state changed', meta: { sdkComponent: 'worker' } });
    expect(line).toMatchObject({ level: 20 });
  });

  test('of a workflow is news, with the fields that it gave', () => {
    const meta = { sdkComponent: 'workflow', taskQueue: 'validator', event: 'phase_entered', block: 7 };
    const line = logged({ level: 'INFO', message: 'Current block: 7', meta });
    expect(line).toEqual({
      level: 30,
      time: expect.any(Number),
      event: 'phase_entered',
      block: 7,
      msg: 'Current block: 7',
    });
  });
});
