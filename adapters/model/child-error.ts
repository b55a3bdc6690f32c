import { type Code, catalogue } from '../../domain/errors/catalogue.ts';
import { fail, isOstinatoError, messageOf, OstinatoError } from '../../domain/errors/error.ts';

/** An error on its way from a child process: classes do not survive the trip, codes do. */
export interface ErrorMessage {
  readonly kind: 'error';
  readonly code: string | null;
  readonly params: Readonly<Record<string, string | number>>;
  readonly detail: string;
}

export const errorMessage = (error: unknown): ErrorMessage =>
  isOstinatoError(error)
    ? { kind: 'error', code: error.code, params: error.params, detail: error.message }
    : { kind: 'error', code: null, params: {}, detail: messageOf(error) };

const isCode = (code: string): code is Code => Object.hasOwn(catalogue, code);

export const errorFrom = (message: ErrorMessage, role: string): OstinatoError =>
  message.code !== null && isCode(message.code)
    ? new OstinatoError(message.code, message.params)
    : fail('OST_MODEL_CHILD_FAILED', { role, detail: message.detail });
