import { ActivityFailure, ApplicationFailure, ChildWorkflowFailure } from '@temporalio/common';

/**
 * Reads failures by their codes. Workflow code imports this, so it knows the shape only; the catalogue's texts stay
 * outside of the sandbox.
 */

/** Unwraps what the SDK puts around a failure. */
function failureOf(error: unknown): ApplicationFailure | null {
  if (error instanceof ApplicationFailure) return error;
  if (error instanceof ActivityFailure || error instanceof ChildWorkflowFailure) return failureOf(error.cause);
  return null;
}

/** The code of the catalogue with which an activity or a child workflow failed; null for any other failure. */
export function codeOf(error: unknown): string | null {
  const type = failureOf(error)?.type;
  return type?.startsWith('OST_') ? type : null;
}

/** The failure's text, for outcomes. */
export const textOf = (error: unknown): string =>
  failureOf(error)?.message ?? (error instanceof Error ? error.message : String(error));

/** Whether trying again would give the same. */
export const isFinalFailure = (error: unknown): boolean => failureOf(error)?.nonRetryable === true;
