import type { AgreementSummary } from '../../domain/agreement/record.ts';
import type { PeerAccess } from '../../domain/peers/access.ts';
import type { PeerDirectory } from '../../domain/peers/directory.ts';
import type { Blocks, Hotkey } from '../../domain/units.ts';

/**
 * What validators need to agree on scores, beside what a merge has for talking (`readPeers`, `sayToPeers`,
 * `awaitMessages`). `cycle` is the originals' index, which all validators share.
 */
export interface AgreementActivities {
  /** Draws what a table's digest is made unguessable with; history keeps it, so that a crash shows the same table. */
  drawSalt(): Promise<{ readonly salt: string }>;
  /**
   * Asks peers which digests they hold, and keeps what is new as having come now.
   *
   * @returns whose digest is here
   */
  gatherDigests(input: GatherDigestsInput): Promise<{ readonly heard: readonly Hotkey[] }>;
  /** Asks peers for what did not come by itself, and takes the medians of the tables that count. */
  agreeOnScores(input: AgreeInput): Promise<AgreementSummary>;
}

export interface GatherDigestsInput {
  readonly cycle: number;
  readonly directory: PeerDirectory;
  readonly sources: readonly PeerAccess[];
}

export interface AgreeInput extends GatherDigestsInput {
  readonly digestsBy: Blocks;
  readonly tablesBy: Blocks;
}
