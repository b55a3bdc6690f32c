import type { Result } from './chain/result.ts';

/** What can be measured, by name. */
export type Measurements = Readonly<Record<string, (rounds: number) => Promise<readonly Result[]>>>;

/** Takes the named measurements, or all, and prints a line for each result. The exit code says whether a bar is missed. */
export async function runMeasurements(
  measurements: Measurements,
  { names, rounds }: { readonly names: readonly string[]; readonly rounds: number },
): Promise<void> {
  for (const name of names.length > 0 ? names : Object.keys(measurements)) {
    const measure = measurements[name];
    if (measure === undefined)
      throw new Error(`no measurement ${name}; there are ${Object.keys(measurements).join(', ')}`);
    for (const result of await measure(rounds)) {
      process.stdout.write(`${JSON.stringify(result)}\n`);
      if (!result.passed) process.exitCode = 1;
    }
  }
}

/** A command line of names, with a number of rounds among them or not. */
export const askedFor = (words: readonly string[], usualRounds: number) => ({
  names: words.filter((word) => !/^\d+$/.test(word)),
  rounds: Number(words.find((word) => /^\d+$/.test(word)) ?? usualRounds),
});
