import { sha256 } from '@noble/hashes/sha2.js';

/** A drand beacon whose signatures lie in G1 and whose key lies in G2, as quicknet's do ("TinyBLS381"). */
export interface Beacon {
  /** 96 bytes, compressed. */
  readonly publicKey: Uint8Array;
  /** Unix time of round 1, in seconds. */
  readonly genesisS: number;
  /** Seconds between two rounds. */
  readonly periodS: number;
}

/** The newest round that is out at a time, in milliseconds since 1970; 0 before the first. */
export function roundAt({ genesisS, periodS }: Pick<Beacon, 'genesisS' | 'periodS'>, timeMs: number): number {
  const sinceS = timeMs / 1000 - genesisS;
  return sinceS < 0 ? 0 : Math.floor(sinceS / periodS) + 1;
}

/** When a round comes out, in milliseconds since 1970. */
export const roundTimeMs = ({ genesisS, periodS }: Pick<Beacon, 'genesisS' | 'periodS'>, round: number): number =>
  (genesisS + (round - 1) * periodS) * 1000;

/** What the beacon signs in a round, and so what a message for that round is encrypted to. */
export function roundIdentity(round: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, round, false);
  return sha256(bytes);
}
