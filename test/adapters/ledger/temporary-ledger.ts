import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Ledger, openLedger } from '../../../adapters/ledger/open.ts';

export interface TemporaryLedger extends AsyncDisposable {
  readonly folder: string;
  readonly file: string;
  readonly ledger: Ledger;
}

/** A ledger in a folder of its own that goes with the test. */
export async function temporaryLedger(): Promise<TemporaryLedger> {
  const folder = await mkdtemp(join(tmpdir(), 'ostinato-ledger-'));
  const file = join(folder, 'ledger.sqlite');
  const ledger = await openLedger({ file });
  return {
    folder,
    file,
    ledger,
    async [Symbol.asyncDispose]() {
      await ledger.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
