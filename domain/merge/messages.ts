import { type Fields, fieldsOf, isCount, isDigest, parseJson } from '../read-value.ts';
import { isModelHash } from '../signed-message.ts';
import { type Bytes, bytes, type Hotkey, hotkey } from '../units.ts';

/** One group's pseudo-gradient of one validator. */
export interface GradientRef {
  readonly group: number;
  /** SHA-256 of the safetensors file. */
  readonly digest: string;
  readonly bytes: Bytes;
  /** How many submissions are in its mean. */
  readonly submissions: number;
}

/** The body of `merge-announce`. */
export interface Announcement {
  /** Tensor hash of the model that the gradients start from. */
  readonly base: string;
  /** In ascending order of groups; none where no submission improved the model. */
  readonly gradients: readonly GradientRef[];
}

/** What a validator thinks of an announcement that came in time. */
export type Verdict = 'sound' | 'malformed' | 'unavailable' | 'other_base';
const verdicts: readonly Verdict[] = ['sound', 'malformed', 'unavailable', 'other_base'];

/** The body of `merge-vouch`: every announcement that its author has from others or itself, also those it refuses. */
export interface Vouch {
  readonly seen: readonly SeenAnnouncement[];
}

export interface SeenAnnouncement {
  readonly hotkey: Hotkey;
  /** SHA-256 of the announcement's body. */
  readonly announcement: string;
  readonly verdict: Verdict;
}

/** The body of `merge-result`: which model its author has now. The manifest names every file, momentum included. */
export interface MergeReport {
  readonly hash: string;
  readonly version: number;
  /** SHA-256 of the manifest. */
  readonly manifest: string;
}

export const announcementBody = ({ base, gradients }: Announcement): string =>
  JSON.stringify({
    base,
    gradients: gradients.map(({ group, digest, bytes: size, submissions }) => ({
      group,
      digest,
      bytes: size,
      submissions,
    })),
  });

export const vouchBody = ({ seen }: Vouch): string =>
  JSON.stringify({
    seen: seen.map(({ hotkey: of, announcement, verdict }) => ({ hotkey: of, announcement, verdict })),
  });

export const reportBody = ({ hash, version, manifest }: MergeReport): string =>
  JSON.stringify({ hash, version, manifest });

/** No real one has more; a stranger's list is not read beyond. */
const mostGroups = 4096;

const fieldsIn = (text: string): Fields => fieldsOf(parseJson(text));

/** Reads a stranger's body; null for what is none. */
export function readAnnouncement(body: string): Announcement | null {
  const fields = fieldsIn(body);
  const list = fields['gradients'];
  const base = fields['base'];
  if (!isModelHash(base) || !Array.isArray(list) || list.length > mostGroups) return null;
  const gradients: GradientRef[] = [];
  let last = -1;
  for (const each of list) {
    const { group, digest, bytes: size, submissions } = fieldsOf(each);
    if (!isCount(group) || group <= last || !isDigest(digest) || !isCount(size) || !isCount(submissions)) return null;
    gradients.push({ group, digest, bytes: bytes(size), submissions });
    last = group;
  }
  return { base, gradients };
}

export function readVouch(body: string): Vouch | null {
  const list = fieldsIn(body)['seen'];
  if (!Array.isArray(list) || list.length > 2 * mostGroups) return null;
  const seen: SeenAnnouncement[] = [];
  for (const each of list) {
    const fields = fieldsOf(each);
    const { hotkey: of, announcement } = fields;
    const verdict = verdicts.find((known) => known === fields['verdict']);
    if (typeof of !== 'string' || !isDigest(announcement) || verdict === undefined) return null;
    seen.push({ hotkey: hotkey(of), announcement, verdict });
  }
  return { seen };
}

export function readReport(body: string): MergeReport | null {
  const { hash, version, manifest } = fieldsIn(body);
  return isModelHash(hash) && isCount(version) && isDigest(manifest) ? { hash, version, manifest } : null;
}
