/** What a training command's guard is asked. */
export type GuardMessage =
  | {
      readonly kind: 'start';
      readonly argv: readonly [string, ...string[]];
      readonly cwd: string;
      readonly env: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'signal'; readonly signal: 'SIGTERM' | 'SIGKILL' };

export type GuardAnswer =
  | { readonly kind: 'started'; readonly pid: number }
  | { readonly kind: 'not_started'; readonly reason: string }
  | { readonly kind: 'ended'; readonly code: number | null; readonly signal: string | null };
