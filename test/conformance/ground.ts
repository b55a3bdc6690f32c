import type { ChainClient } from '../../adapters/chain/client.ts';
import type { Signer } from '../../adapters/wallet/signer.ts';
import type { Netuid } from '../../domain/units.ts';
import type { Rpc } from './rpc.ts';

/** What the checks stand on: an endpoint, and what may be done to its chain. */
export interface Ground {
  readonly url: string;
  /** The client under test. */
  readonly client: ChainClient;
  /** The endpoint without the client. */
  readonly rpc: Rpc;
  readonly netuid: Netuid;
  /** Resolves once there is a new block: builds it, or waits for it. */
  advance(): Promise<void>;
  /** Null where only reading is allowed. */
  readonly writer: Writer | null;
  /** Null where the chain's root is somebody else. */
  readonly staged: Staged | null;
  close(): Promise<void>;
}

export interface Writer {
  /** Registered. Where the ground is staged: with stake and a permit, and not the subnet's owner. */
  readonly validator: Signer;
}

/** A chain that is there for this suite alone: its root, and accounts of all kinds. */
export interface Staged {
  /** Registered, without stake and permit. */
  readonly miner: Signer;
  /** Registered; nobody else commits or serves with it. */
  readonly second: Signer;
  /** Not registered, without money. */
  readonly stranger: Signer;
  /** Owns the hotkeys and has money; no root. */
  readonly coldkey: Signer;
  /** Has money and owns nothing. */
  readonly other: Signer;
  /** Can pay a fee, but no registration. */
  readonly poor: Signer;
  /** Puts values into the state at once; the next block, or this one, shows them. */
  set(values: readonly StateValue[]): Promise<void>;
}

export interface StateValue {
  readonly item: string;
  /** `SubtensorModule` where left out. */
  readonly pallet?: string;
  /** The subnet where left out. */
  readonly keys?: readonly (string | number)[];
  /** Null takes it away. */
  readonly value: unknown;
}

/** The accounts of a staged chain, by development URI. */
export const accounts = {
  validator: '//Conformance//validator',
  miner: '//Conformance//miner',
  second: '//Conformance//second',
  stranger: '//Conformance//stranger',
  coldkey: '//Charlie',
  other: '//Dave',
  poor: '//Conformance//poor',
  root: '//Alice',
} as const;

/** More neurons, so that vectors have somebody to be about. */
export const crowd = ['//Conformance//1', '//Conformance//2', '//Conformance//3', '//Conformance//4'] as const;

export const rao = 1_000_000_000n;
/** Of //Conformance//poor: enough for a fee, too little for a registration. */
export const poorRao = 20_000_000n;
