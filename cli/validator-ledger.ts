import { join } from 'node:path';
import { type Ledger, openLedger } from '../adapters/ledger/open.ts';
import { loadConfig } from '../config/load.ts';
import type { ValidatorConfig } from '../config/schema/deployment.ts';
import { fail } from '../domain/errors/error.ts';
import { type Identity, readIdentity } from './identity.ts';

/** What a command that only reads a validator's books works with. */
export interface ValidatorBooks extends AsyncDisposable {
  readonly folder: string;
  readonly config: ValidatorConfig;
  readonly identity: Identity;
  readonly ledger: Ledger;
}

/** Opens a validator's ledger beside its processes. @throws OST_VALIDATOR_NEVER_RAN before its first start */
export async function openBooks(path: string | undefined): Promise<ValidatorBooks> {
  const { config, folder } = loadConfig({ role: 'validator', ...(path === undefined ? {} : { path }) });
  const identity = await readIdentity(folder);
  if (identity === null) throw fail('OST_VALIDATOR_NEVER_RAN', { folder });
  const ledger = await openLedger({ file: join(folder, 'ledger.sqlite') });
  return { folder, config, identity, ledger, [Symbol.asyncDispose]: () => ledger.close() };
}
