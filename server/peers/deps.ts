import type { PeerMessages } from '../../adapters/ledger/peer-messages.ts';
import type { Hex, Netuid } from '../../domain/units.ts';

/** What the part of the model server stands on that only validators talk to. */
export interface PeerServerDeps {
  readonly genesis: Hex;
  readonly netuid: Netuid;
  readonly messages: Pick<PeerMessages, 'record' | 'list'>;
}
