/** A file of a cache, with when it came. */
export interface CachedFile {
  readonly digest: string;
  readonly changedMs: number;
}

/**
 * Which files of a cache may go: the oldest beyond `keep`. What somebody uses stays whatever its age, and takes nobody
 * else's place: the model that is served is not a cache. Of equal age, the order of digests decides, so that two
 * processes that look at the same files come to the same answer.
 */
export function surplusOf(
  files: readonly CachedFile[],
  used: ReadonlySet<string>,
  keep: number,
): readonly CachedFile['digest'][] {
  return files
    .filter(({ digest }) => !used.has(digest))
    .toSorted((a, b) => b.changedMs - a.changedMs || (a.digest < b.digest ? -1 : 1))
    .slice(keep)
    .map(({ digest }) => digest);
}
