import { initConfig } from '../../config/init.ts';
import type { DeploymentRole } from '../../config/roles.ts';

export interface ConfigInitOptions {
  readonly role: DeploymentRole;
  readonly hotkey: string;
  readonly run: string;
  /** The directory to write, instead of `checkpoints/<role>/<hotkey>/<run>`. */
  readonly path?: string | undefined;
  /** Fields' values by their keys, from `flagValues` and `--set`. */
  readonly values?: Readonly<Record<string, unknown>> | undefined;
  readonly force?: boolean | undefined;
  /** Leaves a file that is there as it is, without an error: for containers that run this at every start. */
  readonly keep?: boolean | undefined;
  readonly cwd?: string | undefined;
}

const processes = { validator: ['validator', 'server'], miner: ['miner io', 'miner train'] } as const;

/** `ostinato config init`: writes the directory and says what to do next. */
export async function configInit(options: ConfigInitOptions, write: (line: string) => void): Promise<void> {
  const { role, hotkey, run, path, values, cwd } = options;
  const ifExists = options.force === true ? 'overwrite' : options.keep === true ? 'keep' : 'error';
  const { file, folder, written } = initConfig({ role, hotkey, run, folder: path, values, ifExists, cwd });
  // The words are the original's, which its operators look for in the log.
  write(written ? `Wrote config ${file}` : `Kept config ${file}`);
  if (!written) return;
  write('Look at model_path, chain_endpoint, netuid and wallet in it, then start its two processes:');
  for (const each of processes[role]) write(`  ostinato ${each} --path ${folder}`);
}
