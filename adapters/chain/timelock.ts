import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createTimelock, type Timelock } from '../../domain/timelock/scheme.ts';

const wasmFile = '@ideallabs/timelock_wasm_wrapper/timelock_wasm_wrapper_bg.wasm';

/** Loads the scheme at its first use: a megabyte that a chain without timelocks never needs. */
export function lazyTimelock(): () => Promise<Timelock> {
  let loading: Promise<Timelock> | null = null;
  return () => {
    loading ??= load();
    return loading;
  };
}

async function load(): Promise<Timelock> {
  const bytes = await readFile(createRequire(import.meta.url).resolve(wasmFile));
  return createTimelock(new Uint8Array(bytes));
}
