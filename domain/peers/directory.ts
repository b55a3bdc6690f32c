import { axonUrl, isServed } from '../artifact-location.ts';
import type { BlockRef, SubnetSnapshot } from '../chain.ts';
import { byHotkey } from '../order.ts';
import type { Hotkey, Uid } from '../units.ts';

/** A validator that others can talk to, as the chain had it at one block. */
export interface Peer {
  readonly hotkey: Hotkey;
  readonly uid: Uid;
  /** The stake that counts for validators, in rao, as decimal text. */
  readonly stakeRao: string;
  /** Where its model server is; null only for oneself, who may serve no address. */
  readonly url: string | null;
}

/** The validators of a subnet at one block, in order of hotkeys: whoever reads the same block has the same list. */
export interface PeerDirectory {
  readonly block: BlockRef;
  /** Oneself among them. */
  readonly peers: readonly Peer[];
}

/**
 * The hotkeys with a validator permit that serve an address, and oneself whether one does or not. A permit without an
 * address takes no part: nobody could reach it, and its stake would only stand in the way of every majority.
 */
export function directoryOf({ block, neurons }: SubnetSnapshot, own: Hotkey): PeerDirectory {
  const peers = neurons
    .filter((neuron) => neuron.hotkey === own || (neuron.validatorPermit && isServed(neuron.axon)))
    .map(({ hotkey, uid, totalStakeRao, axon }) => ({
      hotkey,
      uid,
      stakeRao: totalStakeRao,
      url: isServed(axon) ? axonUrl(axon) : null,
    }));
  return { block, peers: peers.toSorted(byHotkey) };
}

type Staked = Pick<Peer, 'hotkey' | 'stakeRao'>;

/** The stake of some of a list, in rao. Hotkeys that are not in the list have none. */
export function stakeOf(peers: readonly Staked[], hotkeys: Iterable<Hotkey>): bigint {
  const wanted = new Set(hotkeys);
  return peers.reduce((sum, { hotkey, stakeRao }) => (wanted.has(hotkey) ? sum + BigInt(stakeRao) : sum), 0n);
}

type Weighed = Pick<Peer, 'stakeRao'>;

/** What each of a list counts: its stake in rao. Where nobody has any, each counts the same: a subnet may begin so. */
export function weightsIn(peers: readonly Weighed[]): (peer: Weighed) => bigint {
  return peers.some(({ stakeRao }) => BigInt(stakeRao) > 0n) ? ({ stakeRao }) => BigInt(stakeRao) : () => 1n;
}

/** Whether some of a list count more than half of it. */
export function holdMajority(peers: readonly Staked[], hotkeys: Iterable<Hotkey>): boolean {
  const wanted = new Set(hotkeys);
  const weight = weightsIn(peers);
  const sum = (some: readonly Staked[]): bigint => some.reduce((all, peer) => all + weight(peer), 0n);
  return sum(peers.filter(({ hotkey }) => wanted.has(hotkey))) * 2n > sum(peers);
}
