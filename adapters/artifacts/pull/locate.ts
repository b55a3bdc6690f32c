import type { PulledLocation } from '../../../domain/artifact-location.ts';
import { isOstinatoError } from '../../../domain/errors/error.ts';
import { abandon, checkFile, headersOf } from '../transfer/headers.ts';
import { Line, type Road } from '../transfer/request.ts';

/** A hub that keeps repositories, as Hugging Face does. */
export interface Hub {
  /** `https://huggingface.co`, or whatever serves its routes. */
  readonly url: string;
  readonly token: string | null;
}

/** The very file that a location names. */
export interface Located {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** As records show it: with the commit's full id where there is one. */
  readonly source: string;
  /** What the hub says that it is, where it does. */
  readonly digest: string | null;
}

/** A group's file as the originals name it; safetensors where there is a choice. */
const names = (group: number): readonly [string, string] => [
  `model_expgroup_${group}.safetensors`,
  `model_expgroup_${group}.pt`,
];

/**
 * Finds the file behind a location. A folder, with a slash at its end, is looked through for the group's file. A hub is
 * asked for the full id of the revision, since its short form may come to mean another commit, and a branch moves.
 *
 * @throws OST_TRANSFER_REFUSED where there is nothing, OST_TRANSFER_UNAVAILABLE, OST_PULL_ADDRESS, or the network's
 * error
 */
export async function locate(
  location: PulledLocation,
  group: number,
  { hub, road, signal }: { readonly hub: Hub; readonly road: Road; readonly signal: AbortSignal },
): Promise<Located> {
  if (location.kind === 'http') {
    if (!location.url.endsWith('/')) return { url: location.url, headers: {}, source: location.url, digest: null };
    return await firstOf(names(group), async (name) => {
      const url = `${location.url}${name}`;
      await ask(url, { ...road, redirects: 3 }, signal);
      return { url, headers: {}, source: url, digest: null };
    });
  }
  const { repo, revision } = location;
  const headers = hub.token === null ? {} : { authorization: `Bearer ${hub.token}` };
  const base = `${hub.url.replace(/\/$/, '')}/${repo}/resolve`;
  return await firstOf(names(group), async (name) => {
    const said = await ask(`${base}/${revision}/${name}`, { ...road, headers, redirects: 0 }, signal);
    const commit = /^[0-9a-f]{40,64}$/.exec(said['x-repo-commit'] ?? '')?.[0] ?? revision;
    const digest = /^"?([0-9a-f]{64})"?$/.exec(said['x-linked-etag'] ?? '')?.[1] ?? null;
    return { url: `${base}/${commit}/${name}`, headers, source: `hf:${repo}@${commit}/${name}`, digest };
  });
}

/** Asks for a byte: answers to HEAD are what servers get wrong most. */
async function ask(url: string, road: Road, signal: AbortSignal): Promise<Readonly<Record<string, string>>> {
  await using line = new Line(road, 1);
  const answer = await line.get(url, { range: 'bytes=0-0' }, signal);
  const elsewhere = answer.statusCode >= 300 && answer.statusCode < 400;
  if (!elsewhere) await checkFile(url, answer);
  abandon(answer);
  return headersOf(answer);
}

/** The first name that is there, or else what the last one was refused with. */
async function firstOf<T>(all: readonly [string, string], look: (name: string) => Promise<T>): Promise<T> {
  const [first, second] = all;
  try {
    return await look(first);
  } catch (error) {
    if (!isOstinatoError(error, 'OST_TRANSFER_REFUSED') || error.params['status'] !== 404) throw error;
    return await look(second);
  }
}
