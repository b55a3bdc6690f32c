import { type Catalogue, type Code, catalogue } from './catalogue.ts';
import type { ErrorEntry, Fault } from './define.ts';

type Names<S extends string> = S extends `${string}{${infer N}}${infer Rest}` ? N | Names<Rest> : never;

/** The parameters that an error's texts name. */
export type ErrorParams<C extends Code> = {
  readonly [N in Names<Catalogue[C]['what']> | Names<Catalogue[C]['todo']>]: string | number;
};

const fill = (text: string, params: Readonly<Record<string, string | number>>): string =>
  text.replace(/\{(\w+)\}/g, (whole, name: string) => String(params[name] ?? whole));

/** Every error that Ostinato raises by itself: one entry of the catalogue with its parameters. */
export class OstinatoError extends Error {
  override readonly name = 'OstinatoError';
  readonly code: Code;
  readonly params: Readonly<Record<string, string | number>>;
  /** What the operator can do about it. */
  readonly todo: string;

  constructor(code: Code, params: Readonly<Record<string, string | number>>, options?: ErrorOptions) {
    const entry: ErrorEntry = catalogue[code];
    super(fill(entry.what, params), options);
    this.code = code;
    this.params = params;
    this.todo = fill(entry.todo, params);
  }

  get entry(): ErrorEntry {
    return catalogue[this.code];
  }

  get fault(): Fault {
    return this.entry.fault;
  }

  /** Whether the same attempt may succeed later without anybody's doing. */
  get retryable(): boolean {
    return this.entry.retry ?? (this.fault === 'chain' || this.fault === 'ours');
  }

  /** The message with its code and its advice, for terminals and logs. */
  explain(): string {
    return `${this.code}: ${this.message} ${this.todo}`;
  }
}

/** Makes an error of the catalogue; the compiler checks that all its parameters are given. */
export function fail<C extends Code>(code: C, params: ErrorParams<C>, options?: ErrorOptions): OstinatoError {
  return new OstinatoError(code, params, options);
}

export const isOstinatoError = (error: unknown, ...codes: readonly Code[]): error is OstinatoError =>
  error instanceof OstinatoError && (codes.length === 0 || codes.includes(error.code));

/** The text of anything that can be thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
