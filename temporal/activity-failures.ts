import { ApplicationFailure } from '@temporalio/common';
import { isOstinatoError } from '../domain/errors/error.ts';

/** How an error of the catalogue crosses to the workflow: its code as the type, its parameters as the details. */
export function toFailure(error: unknown): unknown {
  if (!isOstinatoError(error)) return error;
  return ApplicationFailure.create({
    message: error.message,
    type: error.code,
    nonRetryable: !error.retryable,
    details: [error.params],
    cause: error,
  });
}

/** Activities whose errors of the catalogue arrive at the workflow with their codes. Workers wrap all of theirs. */
export function withTypedFailures<T extends object>(activities: T): T {
  const wrapped = Object.entries(activities).map(([name, run]: [string, unknown]) => [name, typed(run)]);
  return Object.assign({}, activities, Object.fromEntries(wrapped));
}

function typed(run: unknown): unknown {
  if (typeof run !== 'function') return run;
  return async (...input: readonly unknown[]): Promise<unknown> => {
    try {
      return await run(...input);
    } catch (error) {
      throw toFailure(error);
    }
  };
}
