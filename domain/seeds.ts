import { byHotkey } from './order.ts';
import { sha256Text } from './sha256.ts';

/** A validator with the seed of its commitment; 0 where it committed none. */
export interface ValidatorSeed<H extends string = string> {
  readonly hotkey: H;
  readonly seed: number;
}

/**
 * The seed that all validators of one cycle share: SHA-256 (64 hex digits) of their seeds' decimal texts, joined in
 * ascending order of hotkeys. Without validators it is the hash of "0".
 */
export function combineSeeds(validators: readonly ValidatorSeed[]): string {
  const texts = validators.toSorted(byHotkey).map(({ seed }) => {
    if (!Number.isSafeInteger(seed) || seed < 0) throw new RangeError(`${seed} is no seed`);
    return String(seed);
  });
  return sha256Text(texts.length === 0 ? '0' : texts.join(''));
}

/**
 * The seed from a block that nobody could know when the models' hashes were committed: SHA-256 of the block hash's
 * text, the last block of MinerCommit2.
 */
export const blockHashSeed = (blockHash: string): string => sha256Text(blockHash);

/** The 32-bit integer that seeds generators: the first eight hex digits of a combined seed. */
export function integerSeed(combined: string): number {
  const digits = combined.slice(0, 8);
  if (!/^[0-9a-f]{8}$/.test(digits)) throw new RangeError(`"${combined}" is no combined seed`);
  return Number.parseInt(digits, 16);
}
