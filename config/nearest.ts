/** Levenshtein distance: the fewest inserted, removed or changed characters that turn one text into the other. */
export function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const changed = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(changed, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** The known name that is most like the given one, the first of equals; upper and lower case are alike. */
export function nearest(name: string, known: Iterable<string>): string {
  let best = '';
  let least = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    const found = distance(name.toLowerCase(), candidate.toLowerCase());
    if (found < least) {
      least = found;
      best = candidate;
    }
  }
  return best;
}

/** The field that an unknown key most likely means; a key that only lacks its group is near, too. */
export function nearestKey(key: string, known: readonly string[]): string {
  const leaf = key.slice(key.lastIndexOf('.') + 1).toLowerCase();
  return known.find((candidate) => candidate.slice(candidate.lastIndexOf('.') + 1) === leaf) ?? nearest(key, known);
}
