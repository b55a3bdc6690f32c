/** In valid JSON, a string that a colon follows is a key, and nothing else is. */
const strings = /"(?:[^"\\]|\\.)*"(\s*:)?/g;

/**
 * Whether an object in a JSON text has a key twice. Parsers keep one of the two without a word, and which one differs;
 * so the keys of the text are counted beside those of the value that was read from it.
 */
export function hasRepeatedKeys(text: string, value: unknown): boolean {
  let written = 0;
  for (const [, colon] of text.matchAll(strings)) if (colon !== undefined) written += 1;
  return written !== countKeys(value);
}

function countKeys(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const children: readonly unknown[] = Object.values(value);
  const own = Array.isArray(value) ? 0 : children.length;
  return children.reduce<number>((sum, child) => sum + countKeys(child), own);
}
