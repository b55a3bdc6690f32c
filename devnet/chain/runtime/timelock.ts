import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createTimelock, type Timelock } from '../../../domain/timelock/scheme.ts';

const { resolve } = createRequire(import.meta.url);

/** Loads the scheme when something is to be opened for the first time; most chains never have a commit. */
export function lazyTimelock(): Timelock['open'] {
  let timelock: Timelock | null = null;
  return (sealed, signature) => {
    timelock ??= loadTimelock();
    return timelock.open(sealed, signature);
  };
}

export const loadTimelock = (): Timelock =>
  createTimelock(
    Uint8Array.from(readFileSync(resolve('@ideallabs/timelock_wasm_wrapper/timelock_wasm_wrapper_bg.wasm'))),
  );
