import type { Blocks, Hex, Hotkey, Netuid, Uid } from './units.ts';

/** A block by number and hash. Everything read `at` one hash is consistent. */
export interface BlockRef {
  readonly number: Blocks;
  readonly hash: Hex;
}

/** Where a neuron serves, as it wrote it on chain. `ip` is in text form; nothing says that it is reachable or safe. */
export interface Axon {
  readonly ip: string;
  readonly port: number;
  readonly protocol: number;
  readonly version: number;
  /** The block in which it was served. */
  readonly block: Blocks;
}

/** One neuron of a subnet's snapshot. All of it is JSON, for it goes through workflow histories. */
export interface Neuron {
  readonly uid: Uid;
  readonly hotkey: Hotkey;
  readonly coldkey: Hotkey;
  readonly axon: Axon | null;
  readonly validatorPermit: boolean;
  readonly active: boolean;
  /** The block of its last weights; starts at the registration block. */
  readonly lastUpdate: Blocks;
  readonly registeredAt: Blocks;
  /** The weighted stake that thresholds are held against, in rao, as decimal text. */
  readonly totalStakeRao: string;
}

/** A subnet at one block. */
export interface SubnetSnapshot {
  readonly block: BlockRef;
  readonly netuid: Netuid;
  readonly ownerHotkey: Hotkey;
  readonly tempo: Blocks;
  readonly weightsRateLimit: Blocks;
  /** Counts entries, zeros included; the effective minimum is min(this, number of neurons). */
  readonly minAllowedWeights: number;
  readonly weightsVersion: string;
  readonly commitRevealEnabled: boolean;
  readonly maxUids: number;
  readonly neurons: readonly Neuron[];
}

/** What one hotkey has in its single commitment slot. */
export interface ChainCommitment {
  readonly hotkey: Hotkey;
  /** The block that holds the `set_commitment` extrinsic. */
  readonly block: Blocks;
  /** The raw bytes of its first field as UTF-8, or null where they are none. */
  readonly text: string | null;
  readonly bytesHex: Hex;
}

/** Where in the chain an extrinsic lies; earlier compares smaller, block first. */
export interface ExtrinsicPosition {
  readonly block: Blocks;
  readonly index: number;
}
