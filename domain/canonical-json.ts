/**
 * The one text of a JSON value: keys in code-point order, no white space, numbers as JavaScript writes them (the
 * shortest text that reads back to the same double). What is hashed must not depend on the order in which somebody
 * happened to build an object.
 *
 * Throws a RangeError for what JSON cannot hold (NaN, infinities, undefined, functions): left out silently, it would
 * make two different values hash alike.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return JSON.stringify(value);
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item)).join(',')}]`;
  if (typeof value === 'object') {
    const fields = Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`);
    return `{${fields.join(',')}}`;
  }
  throw new RangeError(`${String(value)} has no JSON form`);
}
