import { blocks, hotkey } from '../../domain/units.ts';
import { textTable } from '../table.ts';
import { ledgerOf, loadValidator } from './protection-transfer.ts';

export interface ShowOptions {
  readonly path?: string;
  readonly hotkey?: string;
  readonly period?: number;
  readonly last: number;
  readonly json?: boolean;
}

/** `ostinato protection show`. */
export async function showProtection(options: ShowOptions, write: (line: string) => void): Promise<void> {
  const { folder } = loadValidator(options.path);
  const ledger = await ledgerOf(folder);
  try {
    const entries = await ledger.protection.list({
      ...(options.hotkey === undefined ? {} : { hotkey: hotkey(options.hotkey) }),
      ...(options.period === undefined
        ? { limit: options.last }
        : { from: blocks(options.period), to: blocks(options.period) }),
    });
    if (options.json === true) {
      write(JSON.stringify(entries, null, 2));
      return;
    }
    if (entries.length === 0) {
      write('Nothing is recorded.');
      return;
    }
    const rows = entries.map(({ hotkey: address, netuid, mecid, kind, period, vectors, sealed, claimedAtMs }) => [
      String(period),
      kind,
      `${netuid}/${mecid}`,
      address,
      vectors.map(({ uids }) => `${uids.length} weights`).join(' and ') || 'unknown',
      sealed ? 'sealed: nothing may be signed' : 'signed',
      new Date(claimedAtMs).toISOString().slice(0, 19).replace('T', ' '),
    ]);
    write(textTable(['period', 'kind', 'subnet', 'hotkey', 'vector', 'state', 'recorded (UTC)'], rows));
    if (options.period === undefined) return;
    for (const { vectors } of entries) {
      for (const { uids, values } of vectors) write(uids.map((uid, index) => `${uid}:${values[index]}`).join(' '));
    }
  } finally {
    await ledger.close();
  }
}
