/**
 * How a stranger's JSON is looked at: every question is asked of an unknown value, and none of them throws.
 */
export type Fields = Readonly<Record<string, unknown>>;

/** The value of a JSON text; undefined, which JSON has no word for, where it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The fields of an object; none of anything else. */
export const fieldsOf = (value: unknown): Fields => (isObject(value) ? { ...value } : {});

/** A whole number that is not negative, and that a number holds exactly. */
export const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

/** A hash of 32 bytes as 64 lower-case hex digits: SHA-256, BLAKE3. */
export const isDigest = (value: unknown): value is string => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
