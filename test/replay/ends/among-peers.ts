import type { AgreementSummary } from '../../../domain/agreement/record.ts';
import type { ModelRecord } from '../../../domain/cycle-record.ts';
import type { HeldAnnouncement } from '../../../domain/merge/decide.ts';
import { bodyDigest } from '../../../domain/peers/message.ts';
import { blocks, bytes, type Hotkey, hotkey, uid } from '../../../domain/units.ts';
import { base, type ValidatorFakes } from '../../workflows/fakes/validator.ts';

export const others = [hotkey('5Peer1'), hotkey('5Peer2')] as const;
/** The model of all who merged. */
export const merged: ModelRecord = { hash: 'ff'.repeat(24), version: 28, manifest: 'merged' };

interface Peers {
  readonly own: Hotkey;
  /** Whose announcements come here. */
  readonly heard: readonly Hotkey[];
  /** Whom everybody vouches for. */
  readonly vouched: readonly Hotkey[];
  /** What all validators have committed when the cycle is over, and what the others say that it is made of. */
  readonly committed: ModelRecord;
}

/** Three validators of equal stake, as one of them sees the others in its first cycle. */
export function amongPeers({ own, heard, vouched, committed }: Peers): Partial<ValidatorFakes> {
  const all = [...others, own].toSorted();
  let spoken: string | null = null;
  const digestOf = (of: Hotkey): string => (of === own ? (spoken ?? '') : bodyDigest(of));
  const announcement = (of: Hotkey): HeldAnnouncement => ({
    hotkey: of,
    digest: digestOf(of),
    base: base.hash,
    gradients: [{ group: 0, digest: `gradient of ${of}`, bytes: bytes(10), submissions: 1 }],
    inTime: true,
  });
  const seen = () => vouched.map((of) => ({ hotkey: of, announcement: digestOf(of), verdict: 'sound' as const }));
  const directoryAt = (block: number) => ({
    block: { number: blocks(block), hash: '0x00' as const },
    peers: all.map((each, place) => ({
      hotkey: each,
      uid: uid(place),
      stakeRao: '10',
      url: each === own ? null : 'http://127.0.0.1:9',
    })),
  });
  return {
    readPeers: async ({ block }) => directoryAt(block),
    async sayToPeers({ message }) {
      if (message.purpose === 'merge-announce') spoken = bodyDigest(message.body);
      return { unreached: [] };
    },
    awaitMessages: async () => undefined,
    gatherAnnouncements: async () => heard.map(announcement),
    gatherVouches: async () => (vouched.length === 0 ? [] : all.map((each) => ({ hotkey: each, seen: seen() }))),
    fetchGradients: async (input) => ({
      digest: input.announcement.digest,
      verdict: 'sound',
      reason: null,
      detail: null,
    }),
    keepMessage: async () => undefined,
    drawSalt: async () => ({ salt: 'ab'.repeat(16) }),
    gatherDigests: async () => ({ heard: all }),
    agreeOnScores: async ({ digestsBy, tablesBy }) => agreed(all, digestsBy, tablesBy),
    readCommitted: async ({ cycle }) => ({
      cycle: cycle ?? 0,
      directory: directoryAt(70),
      // Nobody had committed anything before this cycle.
      committed: cycle === null ? [] : all.map((each) => ({ hotkey: each, ...committed })),
    }),
    gatherReports: async () => others.map((each) => ({ hotkey: each, ...committed })),
    fetchModel: async ({ model }) => ({ kind: 'fetched', model }),
  };
}

const agreed = (
  all: readonly Hotkey[],
  digestsBy: AgreementSummary['digestsBy'],
  tablesBy: AgreementSummary['tablesBy'],
): AgreementSummary => ({
  full: true,
  result: 'agreed',
  directoryBlock: blocks(54),
  digestsBy,
  tablesBy,
  heardRao: '30',
  totalRao: '30',
  peers: all.map((each) => ({ hotkey: each, stakeRao: '10', outcome: 'agreed', detail: null, digest: null })),
  values: [],
  contested: [],
});
