import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from '@jest/globals';
import { isOstinatoError, type OstinatoError } from '../../domain/errors/error.ts';

/** All working directories of one test file. */
const root = mkdtempSync(join(tmpdir(), 'ostinato-config-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A new working directory with the given files. */
export function workingDirectory(files: Readonly<Record<string, string>> = {}): string {
  const cwd = mkdtempSync(join(root, 'cwd-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(cwd, name)), { recursive: true });
    writeFileSync(join(cwd, name), text);
  }
  return cwd;
}

/** The error of the catalogue that a call throws. */
export function errorOf(call: () => unknown): OstinatoError {
  try {
    call();
  } catch (error) {
    if (isOstinatoError(error)) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** Seed 000's file, as it stands there. */
export const seedFile = `model_path: ./models/Qwen3-VL-30B-Instruct
chain_endpoint: wss://entrypoint-finney.opentensor.ai:443
netuid: 42
wallet:
  name: my-wallet
  hotkey: my-validator-hotkey
checkpoint_cache_dir: ./validator-cache
server_port: 8080
server_host: 0.0.0.0
# auth_token: set via BZ_AUTH_TOKEN environment variable
eval_dataset_path: /data/validation/held-out.jsonl
eval_batch_size: 8
score_ema_alpha: 0.9
consensus_timeout: 60
max_checkpoints_cached: 50
`;
