import type { PulledLocation } from '../../../domain/artifact-location.ts';
import { isOstinatoError, messageOf, type OstinatoError } from '../../../domain/errors/error.ts';
import { type Downloaded, type DownloadRequest, download } from '../transfer/download.ts';
import { guardedRoad } from './guard.ts';
import { type Hub, locate } from './locate.ts';

/** A mirror, its mirror's network and its storage: more steps are no way to serve a file. */
const redirects = 3;

export interface PullRules {
  readonly hub: Hub;
  readonly allowPrivate: boolean;
  readonly maxBytes: number;
  readonly ranges: number;
  /** A server that brings less, over 20 seconds, is given up: it holds a place that other miners wait for. */
  readonly slowestBytesPerSecond: number;
}

export interface PullOrder extends Pick<DownloadRequest, 'to' | 'onProgress'> {
  readonly location: PulledLocation;
  readonly group: number;
  readonly signal: AbortSignal;
}

export type PullFault = 'bad_address' | 'too_large';

/** What asking a miner's own server comes to. Faults of this machine are thrown. */
export type Pulled =
  | { readonly kind: 'file'; readonly file: Downloaded; readonly source: string }
  /** Nobody gets a file there, ever. */
  | { readonly kind: 'fault'; readonly reason: PullFault; readonly detail: string }
  /** It says that there is none, or none for us; asked once more, that is the miner's fault. */
  | { readonly kind: 'not_there'; readonly detail: string }
  /** Its server or the network; nobody can tell whose fault that is. */
  | { readonly kind: 'later'; readonly detail: string };

const slowWindowMs = 20_000;

/**
 * Fetches the file that a miner named, from a server that the miner chose, and so believes nothing of what it sends
 * and goes nowhere but to the internet.
 *
 * @throws OST_DISK_FULL, OST_DISK_READ_ONLY, OST_TRANSFER_DEADLINE, or the system's error
 */
export async function pullFile(
  { location, group, to, signal, onProgress }: PullOrder,
  rules: PullRules,
): Promise<Pulled> {
  const trusted = location.kind === 'hugging_face' ? [new URL(rules.hub.url)] : [];
  const road = guardedRoad({ allowPrivate: rules.allowPrivate, trusted });
  try {
    const { url, headers, source, digest } = await locate(location, group, { hub: rules.hub, road, signal });
    const file = await download({
      ...road,
      url,
      headers,
      redirects,
      to,
      signal,
      maxBytes: rules.maxBytes,
      ranges: rules.ranges,
      slowest: { bytes: rules.slowestBytesPerSecond * (slowWindowMs / 1000), withinMs: slowWindowMs },
      ...(digest === null ? {} : { expected: { digest } }),
      ...(onProgress === undefined ? {} : { onProgress }),
    });
    return { kind: 'file', file, source };
  } catch (error) {
    if (signal.aborted) throw error;
    return settle(error);
  }
}

function settle(error: unknown): Pulled {
  const found = ostinatoCause(error);
  // The network's own errors have no code of ours: a name that does not resolve, a refused connection.
  if (found === null) return { kind: 'later', detail: messageOf(error) };
  const detail = found.message;
  switch (found.code) {
    case 'OST_PULL_ADDRESS':
    case 'OST_TRANSFER_REDIRECT':
      return { kind: 'fault', reason: 'bad_address', detail };
    case 'OST_ARTIFACT_TOO_LARGE':
      return { kind: 'fault', reason: 'too_large', detail };
    case 'OST_TRANSFER_REFUSED':
      return { kind: [401, 403, 404, 410].includes(Number(found.params['status'])) ? 'not_there' : 'later', detail };
    case 'OST_DISK_FULL':
    case 'OST_DISK_READ_ONLY':
      throw found;
    default:
      return { kind: 'later', detail };
  }
}

/** A refused address comes up as the reason that a connection failed, inside of the transfer's error. */
function ostinatoCause(error: unknown): OstinatoError | null {
  const chain: OstinatoError[] = [];
  for (let at: unknown = error; at instanceof Error; at = at.cause) if (isOstinatoError(at)) chain.push(at);
  return chain.find(({ code }) => code === 'OST_PULL_ADDRESS') ?? chain[0] ?? null;
}
