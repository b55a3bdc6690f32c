import { fail } from '../../domain/errors/error.ts';

/** Reads `--set key=value`, given any number of times, into values by the fields' keys. */
export function setOptions(given: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    given.map((text) => {
      const at = text.indexOf('=');
      if (at < 1) {
        throw fail('OST_CONFIG_VALUE', {
          source: 'The command line',
          key: '--set',
          value: JSON.stringify(text),
          expectation: 'a field, "=" and its value',
          example: 'netuid=42',
        });
      }
      return [text.slice(0, at).trim(), text.slice(at + 1)];
    }),
  );
}
