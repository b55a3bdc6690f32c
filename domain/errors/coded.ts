import type { Code } from './catalogue.ts';
import type { ErrorParams } from './error.ts';

/**
 * An error of the catalogue without its texts, for rules that run inside of workflows too: each cached workflow holds
 * a copy of all that its bundle imports, and the catalogue is a seventh of what the whole bundle may weigh.
 */
export class CodedError extends Error {
  override readonly name = 'CodedError';
  readonly code: Code;
  readonly params: Readonly<Record<string, string | number>>;

  constructor(code: Code, params: Readonly<Record<string, string | number>>) {
    super(`${code} ${JSON.stringify(params)}`);
    this.code = code;
    this.params = params;
  }
}

/** Makes a coded error; the compiler checks that all parameters of its texts are given. */
export const failCoded = <C extends Code>(code: C, params: ErrorParams<C>): CodedError => new CodedError(code, params);
