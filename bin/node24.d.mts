/** Types of node24.mjs, which stays plain JavaScript: it runs where types are not understood. */
type Environment = Readonly<Record<string, string | undefined>>;

export const NODE_VERSION: string;

export class BootstrapError extends Error {}

export function cacheFolder(environment?: Environment): string;

export function npmCommand(node: string, environment?: Environment): readonly [string, ...string[]];

export function runNpm(
  command: readonly [string, ...string[]],
  args: readonly string[],
  options: {
    readonly cwd: string;
    readonly env: Environment;
    readonly label: string;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<number>;

export function findNode24(environment?: Environment): Promise<string>;
