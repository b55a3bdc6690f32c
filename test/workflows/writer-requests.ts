import { Keyring } from '@polkadot/keyring';
import type { WriteRequest } from '../../domain/chain-write.ts';
import { blocks, type Hotkey, hotkey, netuid } from '../../domain/units.ts';
import { weightsKey } from '../../temporal/ids.ts';

const miner = '5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty';

/** A vector for a period of its own. */
export const weights = (index: number, weight = 65535): WriteRequest => ({
  key: weightsKey(1, 0, period(index)),
  call: {
    kind: 'set_weights',
    netuid: netuid(1),
    mecid: 0,
    period: blocks(period(index)),
    weights: [
      { hotkey: hotkey(miner), weight },
      { hotkey: hotkey(addressOf('//Alice')), weight: 65535 },
    ],
    versionKey: '0',
  },
  deadline: null,
  replyTo: null,
});

/** Periods lie ahead of this chain's blocks, so that no vector counts as set already. */
const period = (index: number): number => 1_000_000 + 45 * index;

export const commitment = (text: string, deadline: number): WriteRequest => ({
  key: `commitment/${text}`,
  call: { kind: 'set_commitment', netuid: netuid(1), text },
  deadline: blocks(deadline),
  replyTo: null,
});

export function addressOf(uri: string): Hotkey {
  return hotkey(new Keyring({ type: 'sr25519', ss58Format: 42 }).addFromUri(uri).address);
}
