import { artifactErrors } from './artifacts.ts';
import { chainErrors } from './chain.ts';
import { configErrors } from './config.ts';
import { cycleErrors } from './cycle.ts';
import { dataErrors } from './data.ts';
import { devnetErrors } from './devnet.ts';
import { httpErrors } from './http.ts';
import { ledgerErrors } from './ledger.ts';
import { modelErrors } from './model.ts';
import { modelExportErrors } from './model-export.ts';
import { ownerErrors } from './owner.ts';
import { peerErrors } from './peers.ts';
import { processErrors } from './process.ts';
import { protectionErrors } from './protection.ts';
import { temporalErrors } from './temporal.ts';
import { torchErrors } from './torch.ts';
import { trainerErrors } from './trainer.ts';
import { walletErrors } from './wallet.ts';

/**
 * All errors, by their stable codes. A code never changes its meaning and is never used again for another one;
 * `docs/errors.md` is generated from here.
 */
export const catalogue = {
  ...chainErrors,
  ...artifactErrors,
  ...torchErrors,
  ...modelErrors,
  ...modelExportErrors,
  ...dataErrors,
  ...trainerErrors,
  ...httpErrors,
  ...temporalErrors,
  ...configErrors,
  ...ledgerErrors,
  ...protectionErrors,
  ...cycleErrors,
  ...ownerErrors,
  ...peerErrors,
  ...processErrors,
  ...devnetErrors,
  ...walletErrors,
};

export type Catalogue = typeof catalogue;
export type Code = keyof Catalogue;
