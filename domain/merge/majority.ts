import type { ModelRecord } from '../cycle-record.ts';
import { compareText } from '../order.ts';
import { type Peer, stakeOf } from '../peers/directory.ts';
import type { Hotkey } from '../units.ts';
import type { MergeReport } from './messages.ts';

/** A model that a validator committed on chain. */
export interface CommittedModel {
  readonly hotkey: Hotkey;
  /** Tensor hash of the whole model, all groups. */
  readonly hash: string;
  readonly version: number;
}

export interface Majority {
  readonly hash: string;
  readonly version: number;
  readonly holders: readonly Hotkey[];
}

type Staked = Pick<Peer, 'hotkey' | 'stakeRao'>;

/**
 * The model with the most stake behind it; of equal stake the one that more validators hold, then the smallest hash, so
 * that everybody who reads the chain comes to the same. A model is one hash over all expert groups: no group can
 * outvote another. Null where no peer committed one.
 */
export function majorityModel(peers: readonly Staked[], committed: readonly CommittedModel[]): Majority | null {
  const known = committed.filter(({ hotkey }) => peers.some((peer) => peer.hotkey === hotkey));
  const candidates = [...new Map(known.map((each) => [each.hash, each])).values()].map(({ hash, version }) => ({
    hash,
    version,
    holders: known.filter((each) => each.hash === hash).map(({ hotkey }) => hotkey),
  }));
  return mostBacked(peers, candidates, ({ hash }) => hash);
}

/** The manifest that most of the majority's stake reports for its model: what vouches for the momentum. */
export function majorityManifest(
  peers: readonly Staked[],
  { hash, holders }: Majority,
  reports: readonly (MergeReport & { readonly hotkey: Hotkey })[],
): { readonly model: ModelRecord; readonly holders: readonly Hotkey[] } | null {
  const fitting = reports.filter((report) => report.hash === hash && holders.includes(report.hotkey));
  const candidates = [...new Map(fitting.map((each) => [each.manifest, each])).values()].map((each) => ({
    model: { hash: each.hash, version: each.version, manifest: each.manifest },
    holders: fitting.filter(({ manifest }) => manifest === each.manifest).map(({ hotkey }) => hotkey),
  }));
  return mostBacked(peers, candidates, ({ model }) => model.manifest);
}

function mostBacked<T extends { readonly holders: readonly Hotkey[] }>(
  peers: readonly Staked[],
  candidates: readonly T[],
  name: (candidate: T) => string,
): T | null {
  const [best] = candidates
    .map((candidate) => ({ candidate, stake: stakeOf(peers, candidate.holders) }))
    .toSorted(
      (a, b) =>
        (a.stake < b.stake ? 1 : a.stake > b.stake ? -1 : 0) ||
        b.candidate.holders.length - a.candidate.holders.length ||
        compareText(name(a.candidate), name(b.candidate)),
    );
  return best?.candidate ?? null;
}
