import { access, readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { text as readStream } from 'node:stream/consumers';
import { writeAll, writeAtomically } from '../../adapters/artifacts/atomic-file.ts';
import { type Ledger, openLedger } from '../../adapters/ledger/open.ts';
import { formatInterchange, readInterchange } from '../../adapters/ledger/protection-interchange.ts';
import { ProcessRegistry } from '../../adapters/processes/registry.ts';
import { type LoadedConfig, loadConfig } from '../../config/load.ts';
import type { ValidatorConfig } from '../../config/schema/deployment.ts';
import { fail, messageOf } from '../../domain/errors/error.ts';
import { blocks, type Hex, hotkey } from '../../domain/units.ts';
import { readIdentity } from '../identity.ts';

type Write = (line: string) => void;

/** A year of the shortest cycles with 256 miners is a seventh of it; a string of Node's holds twice as much. */
const largestFileBytes = 256 * 2 ** 20;

export interface ExportOptions {
  readonly path?: string;
  readonly output?: string;
  readonly force?: boolean;
  readonly genesis?: string;
  readonly hotkey?: string;
  readonly from?: number;
}

export interface ImportOptions {
  readonly path?: string;
  readonly file: string;
  readonly genesis?: string;
}

export const loadValidator = (path: string | undefined): LoadedConfig<ValidatorConfig> =>
  loadConfig({ role: 'validator', ...(path === undefined ? {} : { path }) });

export const ledgerOf = (folder: string): Promise<Ledger> => openLedger({ file: join(folder, 'ledger.sqlite') });

/** `ostinato protection export`. */
export async function exportProtection(options: ExportOptions, write: Write, warn: Write): Promise<void> {
  const { folder, config } = loadValidator(options.path);
  await using ledger = disposable(await ledgerOf(folder));
  const genesis = await chainToExport(ledger, folder, options.genesis);
  const history = await ledger.protection.history({
    genesis,
    ...(options.hotkey === undefined ? {} : { hotkey: hotkey(options.hotkey) }),
    ...(options.from === undefined ? {} : { from: blocks(options.from) }),
  });
  const text = formatInterchange(history);
  if (options.output === undefined) write(text.trimEnd());
  else await writeFileOnce(resolve(options.output), text, options.force === true);
  const periods = history.series.reduce((sum, series) => sum + series.periods.length, 0);
  warn(`${periods} periods of ${new Set(history.series.map((series) => series.hotkey)).size} hotkeys on ${genesis}.`);
  if (new ProcessRegistry(config.state_dir).list('signer').length > 0) {
    warn('A signing worker is running: what it signs from now on is not in this file. Stop it before you move.');
  }
}

/** `ostinato protection import`. True where no period was found for which two vectors had been signed. */
export async function importProtection(options: ImportOptions, write: Write): Promise<boolean> {
  const { folder } = loadValidator(options.path);
  const source = options.file === '-' ? 'Standard input' : options.file;
  const text = await readSource(options.file, source);
  await using ledger = disposable(await ledgerOf(folder));
  const history = readInterchange(text, source, await chainExpected(ledger, folder, options.genesis));
  const report = await ledger.protection.merge(history);
  write(`${report.added} periods added, ${report.known} known already.`);
  for (const { hotkey: address, netuid, mecid, kind, completeFrom, periods } of history.series) {
    const place = `subnet ${netuid}, mechanism ${mecid}, ${kind}`;
    write(`${address}: ${periods.length} periods of ${place}, complete from ${completeFrom}`);
  }
  for (const { hotkey: address, netuid, mecid, kind, period, vectors } of report.sealed) {
    const found = vectors > 1 ? `${vectors} different vectors were signed` : 'what was signed is not known';
    write(`SEALED ${address} subnet ${netuid} mechanism ${mecid} ${kind} period ${period}: ${found}.`);
  }
  if (report.sealed.length > 0) write('For sealed periods nothing will be signed any more.');
  return report.sealed.every(({ vectors }) => vectors < 2);
}

const disposable = (ledger: Ledger): Ledger & AsyncDisposable => ({
  ...ledger,
  [Symbol.asyncDispose]: () => ledger.close(),
});

/** The chain that was named, that the deployment ran on, or that alone is in the record. */
async function chainToExport(ledger: Ledger, folder: string, named: string | undefined): Promise<Hex> {
  if (named !== undefined) return named as Hex;
  const identity = await readIdentity(folder);
  if (identity !== null) return identity.genesis;
  const chains = await ledger.protection.chains();
  const [only] = chains;
  if (only === undefined) throw fail('OST_VALIDATOR_NEVER_RAN', { folder });
  if (chains.length === 1) return only;
  throw fail('OST_PROTECTION_SEVERAL_CHAINS', { count: chains.length, list: chains.join(', ') });
}

/** The chain whose history is expected; null on a fresh machine, which knows none. */
async function chainExpected(ledger: Ledger, folder: string, named: string | undefined): Promise<Hex | null> {
  if (named !== undefined) return named as Hex;
  const identity = await readIdentity(folder);
  if (identity !== null) return identity.genesis;
  const chains = await ledger.protection.chains();
  return chains.length === 1 ? (chains[0] ?? null) : null;
}

async function readSource(file: string, source: string): Promise<string> {
  if (file === '-') return readStream(process.stdin);
  try {
    const { size } = await stat(file);
    if (size > largestFileBytes) throw new RangeError(`it has ${size} bytes, more than ${largestFileBytes}`);
    return await readFile(file, 'utf8');
  } catch (error) {
    throw fail('OST_PROTECTION_FILE_UNREADABLE', { source, detail: messageOf(error) }, { cause: error });
  }
}

async function writeFileOnce(file: string, text: string, force: boolean): Promise<void> {
  const exists = await access(file).then(
    () => true,
    () => false,
  );
  if (exists && !force) throw fail('OST_PROTECTION_FILE_EXISTS', { file });
  try {
    await writeAtomically(file, (handle) => writeAll(handle, Buffer.from(text)));
  } catch (error) {
    throw fail('OST_PROTECTION_FILE_UNREADABLE', { source: file, detail: messageOf(error) }, { cause: error });
  }
}
