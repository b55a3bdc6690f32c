import pc from 'picocolors';
import { isOstinatoError } from '../domain/errors/error.ts';

/** An error as a person reads it: what happened, what to do, where to read on. A bug keeps its stack. */
export function explainFailure(error: unknown): string {
  if (isOstinatoError(error)) {
    return `${pc.red(error.code)} ${error.message}\n${error.todo}\n${pc.dim('All errors are explained in docs/errors.md.')}`;
  }
  if (error instanceof Error) return `${pc.red('Unexpected error')} ${error.stack ?? error.message}`;
  return `${pc.red('Unexpected error')} ${String(error)}`;
}
