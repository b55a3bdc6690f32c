import { randomBytes } from 'node:crypto';
import type { ResolvedCall } from '../../adapters/chain/calls.ts';
import { type ChainClient, publicKeyOf } from '../../adapters/chain/client.ts';
import { commitHash, vectorHash } from '../../adapters/chain/commit-reveal.ts';
import type { BlockRef, SubnetSnapshot } from '../../domain/chain.ts';
import type { WeightsCall } from '../../domain/chain-write.ts';
import { fail } from '../../domain/errors/error.ts';
import { maxUpscale, type SignedWrite } from '../../domain/signed-write.ts';
import type { Timelock } from '../../domain/timelock/scheme.ts';
import { encodeWeightsPayload } from '../../domain/timelock/weights-payload.ts';
import type { Hotkey } from '../../domain/units.ts';
import {
  aimedBlock,
  firstRevealBlock,
  roundFor,
  type WeightsCommit,
  type WeightsRoad,
} from '../../domain/weights-road.ts';

export type Resolved = Pick<SignedWrite, 'uids' | 'values' | 'dropped'>;

export type WeightsChain = Pick<ChainClient, 'runtime' | 'commitReveal' | 'timelockTerms' | 'blockTimeMs'>;

/** A call as it is signed, with what has to be kept of a commitment. */
export interface Wanted {
  readonly call: ResolvedCall;
  readonly commit?: WeightsCommit;
  /** The first block that must not hold it any more. */
  readonly before?: number;
}

/** Entries of a salt: 128 bits, which nobody tries out within an epoch. */
const saltEntries = 8;
const bytesOfTimelockKey = 32;

/** Uids by hotkey at this block, ascending; hotkeys that left are dropped and the rest is scaled up again. */
export function resolveUids(call: WeightsCall, snapshot: SubnetSnapshot): Resolved {
  const uidOf = new Map(snapshot.neurons.map(({ hotkey, uid }) => [hotkey, uid]));
  const known = call.weights.flatMap(({ hotkey, weight }) => {
    const uid = uidOf.get(hotkey);
    return uid === undefined ? [] : [{ uid, weight }];
  });
  if (known.length === 0) throw fail('OST_CHAIN_NO_WEIGHTS_LEFT', { netuid: call.netuid });
  const sorted = known.toSorted((a, b) => a.uid - b.uid);
  return {
    uids: sorted.map(({ uid }) => uid),
    values: maxUpscale(sorted.map(({ weight }) => weight)),
    dropped: call.weights.map(({ hotkey }) => hotkey).filter((hotkey) => !uidOf.has(hotkey)),
  };
}

/** The vector in the form of its road: plain, as the hash of it and a salt, or sealed to a round of the beacon. */
export async function weightsOnRoad(
  chain: WeightsChain,
  timelock: () => Promise<Timelock>,
  call: WeightsCall,
  { uids, values }: Resolved,
  { road, hotkey, head }: { readonly road: WeightsRoad; readonly hotkey: Hotkey; readonly head: BlockRef },
): Promise<Wanted> {
  const { netuid, mecid, versionKey } = call;
  switch (road) {
    case 'plain':
      return { call: { kind: 'set_weights', netuid, mecid, uids, values, versionKey } };
    case 'hash': {
      const salt = [...new Uint16Array(new Uint8Array(randomBytes(2 * saltEntries)).buffer)];
      const hash = vectorHash(chain.runtime, { hotkey, netuid, mecid, uids, values, salt, versionKey });
      return { call: { kind: 'commit_weights', netuid, mecid, hash }, commit: { road, hash, salt, versionKey } };
    }
    case 'timelock': {
      const state = await chain.commitReveal(netuid, mecid, hotkey, head.hash);
      const first = firstRevealBlock(state);
      if (first === null) throw fail('OST_CHAIN_UNSUPPORTED', { what: 'epoch on this subnet' });
      const terms = await chain.timelockTerms(head.hash);
      const blockTimeMs = await chain.blockTimeMs();
      const timeOf = (block: number): number => terms.nowMs + (block - head.number) * blockTimeMs;
      const revealBlock = aimedBlock(first, state.tempo);
      // At the block itself the round may still be on its way.
      const aimed = roundFor(terms.beacon, timeOf(first), timeOf(revealBlock));
      const round = Math.max(aimed, terms.lastStoredRound + 1);
      const payload = encodeWeightsPayload({
        hotkey: publicKeyOf(hotkey),
        uids,
        values,
        versionKey: BigInt(versionKey),
      });
      const scheme = await timelock();
      const key = new Uint8Array(randomBytes(bytesOfTimelockKey));
      const ciphertext = scheme.seal(payload, BigInt(round), terms.beacon.publicKey, key);
      const { version } = terms;
      return {
        call: { kind: 'commit_timelocked_weights', netuid, mecid, ciphertext, round, version },
        commit: { road, hash: commitHash(ciphertext), round, revealBlock },
        // In the next epoch the round would be out before the reveal begins.
        ...(state.nextEpoch === null ? {} : { before: state.nextEpoch }),
      };
    }
  }
}
