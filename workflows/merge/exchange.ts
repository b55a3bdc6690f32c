import { isCancellation } from '@temporalio/workflow';
import type { OwnGradients } from '../../activities/merge/activities.ts';
import type { MergeDeadlines } from '../../domain/merge/deadlines.ts';
import type { Check, HeldAnnouncement, HeldVouch } from '../../domain/merge/decide.ts';
import { announcementBody, vouchBody } from '../../domain/merge/messages.ts';
import type { MergeInput } from '../../domain/merge/workflow.ts';
import type { PeerAccess } from '../../domain/peers/access.ts';
import type { PeerDirectory } from '../../domain/peers/directory.ts';
import type { Blocks, Hotkey } from '../../domain/units.ts';
import { inLanes } from '../shared/lanes.ts';
import { untilBlock } from '../shared/until-block.ts';
import { mergeActivities, type PeerVoice } from './peers.ts';
import type { MergeView } from './view.ts';

/** Files of so many validators are fetched at a time. */
const fetchedAtOnce = 4;

/** What validators said to each other, as far as this one heard it. */
export interface Heard {
  readonly announcements: readonly HeldAnnouncement[];
  readonly checks: readonly Check[];
  readonly vouches: readonly HeldVouch[];
}

/**
 * Announces, hears what the others announce, fetches and checks it, vouches for what is sound, and hears what the
 * others vouch for. Each half ends as soon as everybody has spoken, and at its block at the latest.
 */
export async function exchange(
  input: MergeInput,
  voice: PeerVoice,
  view: MergeView,
  { own, directory, deadlines }: { own: OwnGradients; directory: PeerDirectory; deadlines: MergeDeadlines },
): Promise<Heard> {
  const { plan } = input;
  const { peers: talk } = mergeActivities(voice.queues);
  const others = directory.peers.filter(({ hotkey }) => hotkey !== plan.hotkey);
  const all = directory.peers.map(({ hotkey }) => hotkey);
  const from = others.map(({ hotkey }) => hotkey);
  const { cycle } = voice;

  view.show(`announcing, until block ${deadlines.announce}`);
  const announcement = await voice.message(
    'merge-announce',
    announcementBody({ base: plan.model.hash, gradients: own.gradients }),
  );
  await Promise.all([
    talk.sayToPeers({ message: announcement, peers: others, until: deadlines.announce }),
    talk.awaitMessages({ purpose: 'merge-announce', cycle, from, until: deadlines.announce }),
  ]);
  const sources = await voice.access(others);
  const first = await talk.gatherAnnouncements({ cycle, peers: all, sources, by: deadlines.announce });

  view.show(`fetching the others’ pseudo-gradients, until block ${deadlines.vouch}`);
  const checks = await checkAll(input, voice, first, sources, deadlines);
  const seen = first
    .filter(({ inTime }) => inTime)
    .map(({ hotkey, digest }) => ({
      hotkey,
      announcement: digest,
      verdict: contradicts(first, hotkey)
        ? ('malformed' as const)
        : (checks.find((check) => check.digest === digest)?.verdict ?? ('unavailable' as const)),
    }));

  view.show(`vouching, until block ${deadlines.vouch}`);
  const vouch = await voice.message('merge-vouch', vouchBody({ seen }));
  await Promise.all([
    talk.sayToPeers({ message: vouch, peers: others, until: deadlines.vouch }),
    talk.awaitMessages({ purpose: 'merge-vouch', cycle, from, until: deadlines.vouch }),
  ]);
  const again = await voice.access(others);
  const vouches = await talk.gatherVouches({ cycle, peers: all, sources: again, by: deadlines.vouch });
  // Once more: a list may name an announcement that went to its author alone.
  const announcements = await talk.gatherAnnouncements({ cycle, peers: all, sources: again, by: deadlines.announce });
  return { announcements, checks, vouches };
}

const contradicts = (announcements: readonly HeldAnnouncement[], author: Hotkey): boolean =>
  announcements.filter(({ hotkey }) => hotkey === author).length > 1;

/** Fetches and checks what was announced in time; what is not here by the deadline is not vouched for. */
async function checkAll(
  { plan }: MergeInput,
  voice: PeerVoice,
  announcements: readonly HeldAnnouncement[],
  sources: readonly PeerAccess[],
  deadlines: MergeDeadlines,
): Promise<readonly Check[]> {
  const checks = new Map<string, Check>();
  const wanted = announcements.filter(({ inTime, hotkey }) => inTime && !contradicts(announcements, hotkey));
  await untilBlock(voice.clock, deadlines.vouch, 'the time to vouch is over', () =>
    inLanes(fetchedAtOnce, wanted, async (announcement) => {
      const { digest } = announcement;
      try {
        checks.set(digest, await fetchFrom(plan.model, voice, announcement, sources, deadlines.vouch));
      } catch (error) {
        if (!isCancellation(error)) throw error;
        checks.set(digest, { digest, verdict: 'unavailable', reason: null, detail: 'not here in time' });
      }
    }),
  );
  return [...checks.values()];
}

/** The author first, then whoever else may have it. */
export const fetchFrom = (
  model: MergeInput['plan']['model'],
  voice: PeerVoice,
  announcement: HeldAnnouncement,
  sources: readonly PeerAccess[],
  until?: Blocks,
): Promise<Check> => {
  const author = sources.filter(({ target }) => target === announcement.hotkey);
  const rest = sources.filter(({ target }) => target !== announcement.hotkey);
  return mergeActivities(voice.queues).peers.fetchGradients.executeWithOptions({ summary: announcement.hotkey }, [
    { announcement, model, sources: [...author, ...rest], ...(until === undefined ? {} : { until }) },
  ]);
};
