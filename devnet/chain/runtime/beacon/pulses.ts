import { sha256 } from '@noble/hashes/sha2.js';
import { roundAt } from '../../../../domain/timelock/beacon.ts';
import { drand, drandCalls, drandEvents, type Pulse } from '../../declaration/pallets/drand.ts';
import type { ValueOf } from '../../scale/codec.ts';
import type { State, StateReader } from '../../state/state.ts';
import { bareExtrinsic } from '../extrinsic.ts';
import { badOrigin } from '../failure.ts';
import { type Handler, handler } from '../handler.ts';
import { beaconOf } from './config.ts';
import type { BeaconKey } from './key.ts';

/** A week at quicknet's pace, as on the chain. */
const KEPT_ROUNDS = 216_000n;
/** As many as the chain's workers fetch at once. A chain that slept longer goes on with the newest ones. */
const MAX_AT_ONCE = 50n;

/**
 * The extrinsic that brings the rounds which came out since the last block; null where there are none, and on a chain
 * whose beacon is not its own.
 */
export function pulsesDue(state: StateReader, block: number, timeMs: number, key: BeaconKey): Uint8Array | null {
  if (state.read(drand.beaconConfig.key()) === null) return null;
  const newest = BigInt(roundAt(beaconOf(state), timeMs));
  const stored = state.get(drand.lastStoredRound);
  if (newest <= stored) return null;
  const first = newest - stored > MAX_AT_ONCE ? newest - MAX_AT_ONCE + 1n : stored + 1n;
  const pulses: ValueOf<typeof Pulse>[] = [];
  for (let round = first; round <= newest; round++) {
    const signature = key.sign(round);
    pulses.push({ round, randomness: sha256(signature), signature });
  }
  const payload = {
    block_number: block,
    pulses,
    public: { kind: 'Sr25519', value: { 0: new Uint8Array(32) } },
  } as const;
  return bareExtrinsic(drandCalls.writePulse, { pulses_payload: payload, signature: null });
}

export const beaconHandlers: readonly Handler[] = [
  handler(drandCalls.writePulse, {
    paysFee: false,
    refTime: 20_000_000n,
    run: ({ state, origin }, { pulses_payload: { pulses } }) => {
      // Only a block's author brings pulses: from outside the pool takes nothing unsigned.
      if (origin.kind !== 'none') throw badOrigin();
      for (const pulse of pulses) {
        state.set(drand.pulses, [pulse.round], pulse);
        forget(state, pulse.round);
      }
      const newest = pulses.at(-1);
      if (newest === undefined) return;
      state.set(drand.lastStoredRound, [], newest.round);
      state.emit(drandEvents.newPulse, { rounds: pulses.map(({ round }) => round) });
    },
  }),
];

function forget(state: State, newest: bigint): void {
  const oldest = state.get(drand.oldestStoredRound);
  if (oldest === 0n) state.set(drand.oldestStoredRound, [], newest);
  const gone = newest - KEPT_ROUNDS;
  if (gone < 1n || oldest > gone) return;
  state.remove(drand.pulses, gone);
  state.set(drand.oldestStoredRound, [], gone + 1n);
}
