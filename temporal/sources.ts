/** How a Temporal CLI is made; Node's own modules only, since it runs before the dependencies are there. */
export interface SourceContext {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Receives lines for people. */
  readonly say: (line: string) => void;
  /** Ends the work early. */
  readonly signal?: AbortSignal;
}

export type Acquired =
  | { readonly kind: 'made'; readonly path: string }
  /** `reason` is one clause that can stand in a list of what was tried. */
  | { readonly kind: 'failed'; readonly reason: string };

/** Puts a Temporal CLI into the cache, or says why it cannot; never rejects. */
export type Source = (context: SourceContext) => Promise<Acquired>;
