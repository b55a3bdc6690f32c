import { sha256 } from '@noble/hashes/sha2.js';
import type { Beacon } from '../../../../domain/timelock/beacon.ts';
import { drand, SCHEME_ID } from '../../declaration/pallets/drand.ts';
import type { State, StateReader } from '../../state/state.ts';

/** The chain's beacon as clients read it. */
export function beaconOf(state: StateReader): Beacon {
  const { public_key: publicKey, genesis_time: genesisS, period: periodS } = state.get(drand.beaconConfig);
  return { publicKey, genesisS, periodS };
}

export function installBeacon(state: State, { publicKey, genesisS, periodS }: Beacon): void {
  const hash = sha256(publicKey);
  state.set(drand.beaconConfig, [], {
    public_key: publicKey,
    period: periodS,
    genesis_time: genesisS,
    hash,
    group_hash: hash,
    scheme_id: SCHEME_ID,
    metadata: { beacon_id: new TextEncoder().encode('ostinato') },
  });
}
