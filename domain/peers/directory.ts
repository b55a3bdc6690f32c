import type { BlockRef, Neuron, SubnetSnapshot } from '../chain.ts';
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

const serves = ({ axon }: Neuron): boolean => axon !== null && axon.ip !== '0.0.0.0' && axon.port !== 0;

const urlOf = ({ axon }: Neuron): string | null =>
  axon === null ? null : `http://${axon.ip.includes(':') ? `[${axon.ip}]` : axon.ip}:${axon.port}`;

/**
 * The hotkeys with a validator permit that serve an address, and oneself whether one does or not. A permit without an
 * address takes no part: nobody could reach it, and its stake would only stand in the way of every majority.
 */
export function directoryOf({ block, neurons }: SubnetSnapshot, own: Hotkey): PeerDirectory {
  const peers = neurons
    .filter((neuron) => neuron.hotkey === own || (neuron.validatorPermit && serves(neuron)))
    .map((neuron) => ({
      hotkey: neuron.hotkey,
      uid: neuron.uid,
      stakeRao: neuron.totalStakeRao,
      url: serves(neuron) ? urlOf(neuron) : null,
    }));
  return { block, peers: peers.toSorted(byHotkey) };
}

type Staked = Pick<Peer, 'hotkey' | 'stakeRao'>;

/** The stake of some of a list, in rao. Hotkeys that are not in the list have none. */
export function stakeOf(peers: readonly Staked[], hotkeys: Iterable<Hotkey>): bigint {
  const wanted = new Set(hotkeys);
  return peers.reduce((sum, { hotkey, stakeRao }) => (wanted.has(hotkey) ? sum + BigInt(stakeRao) : sum), 0n);
}

/**
 * Whether some of a list hold more than half of its stake. Where nobody has any, each counts the same: a subnet may
 * begin so.
 */
export function holdMajority(peers: readonly Staked[], hotkeys: Iterable<Hotkey>): boolean {
  const wanted = [...new Set(hotkeys)];
  const total = stakeOf(
    peers,
    peers.map(({ hotkey }) => hotkey),
  );
  if (total > 0n) return stakeOf(peers, wanted) * 2n > total;
  return peers.filter(({ hotkey }) => wanted.includes(hotkey)).length * 2 > peers.length;
}
