import { Agent, request } from 'undici';
import { z } from 'zod';
import type { DatasetReference } from '../../domain/dataset-reference.ts';
import { fail, messageOf, type OstinatoError } from '../../domain/errors/error.ts';
import { parseJson } from '../../domain/read-value.ts';
import { boundedText } from '../http/bounded-text.ts';

/** How a hub is reached. The token goes to its own address and to no other. */
export interface Hub {
  /** `https://huggingface.co`, or a mirror that speaks the same routes. */
  readonly endpoint: string;
  readonly token: string | null;
}

/** A file of a data set at one commit. */
export interface HubFile {
  readonly path: string;
  readonly bytes: number;
  /** What it must be: the SHA-256 of a large file, git's own name for a small one. */
  readonly sha256: string | null;
  readonly gitBlob: string | null;
}

export interface HubListing {
  /** The commit, 40 hex digits. */
  readonly commit: string;
  readonly files: readonly HubFile[];
}

const answerTimeoutMs = 30_000;
/** A data set of ten thousand files is described in about 3 MB. */
const maxAnswerBytes = 32 * 1024 * 1024;

const listingSchema = z.object({
  sha: z.string().regex(/^[0-9a-f]{40}$/),
  siblings: z.array(
    z.object({
      rfilename: z.string(),
      size: z.int().nonnegative(),
      blobId: z.string().optional(),
      lfs: z.object({ sha256: z.string().regex(/^[0-9a-f]{64}$/) }).nullish(),
    }),
  ),
});

const trimmed = (endpoint: string): string => endpoint.replace(/\/+$/, '');

export const datasetName = ({ owner, name, revision }: DatasetReference): string => `${owner}/${name}@${revision}`;

/** Where a person sees the data set, and accepts its licence. */
const pageOf = ({ endpoint }: Hub, { owner, name }: DatasetReference): string =>
  `${trimmed(endpoint)}/datasets/${owner}/${name}`;

export const authorization = ({ token }: Hub): Readonly<Record<string, string>> =>
  token === null ? {} : { authorization: `Bearer ${token}` };

/** Where a file is handed out, or from where one is sent on. */
export const fileUrl = (hub: Hub, { owner, name }: DatasetReference, commit: string, path: string): string =>
  `${pageOf(hub, { owner, name, revision: '', selection: null })}/resolve/${commit}/${path
    .split('/')
    .map(encodeURIComponent)
    .join('/')}`;

/**
 * Asks the hub what a data set holds at a revision.
 *
 * @throws OST_DATASET_FORBIDDEN, _NOT_FOUND, _UNAVAILABLE, _ANSWER
 */
export async function listDataset(hub: Hub, reference: DatasetReference, signal?: AbortSignal): Promise<HubListing> {
  const { owner, name, revision } = reference;
  const url = `${trimmed(hub.endpoint)}/api/datasets/${owner}/${name}/revision/${encodeURIComponent(revision)}?blobs=true`;
  const { status, reason, body } = await ask(hub, reference, url, signal);
  if (status !== 200) throw refusalOf(hub, reference, status, reason);
  const refuse = (problem: string) => fail('OST_DATASET_ANSWER', { dataset: datasetName(reference), problem });
  const parsed = listingSchema.safeParse(parseJson(body));
  if (!parsed.success) throw refuse('its list of files is malformed');
  const files = parsed.data.siblings.map(({ rfilename, size, blobId, lfs }): HubFile => {
    if (!isPlainPath(rfilename)) throw refuse('a file has a name that leaves its folder');
    return {
      path: rfilename,
      bytes: size,
      sha256: lfs?.sha256 ?? null,
      gitBlob: lfs == null ? (blobId ?? null) : null,
    };
  });
  return { commit: parsed.data.sha, files };
}

/** The name becomes a path on this machine. */
const isPlainPath = (path: string): boolean =>
  !/[\\\p{Cc}]/u.test(path) && path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');

async function ask(hub: Hub, reference: DatasetReference, url: string, signal: AbortSignal | undefined) {
  const timeout = AbortSignal.timeout(answerTimeoutMs);
  // An agent of its own: it is asked once in a start, and no connection should outlive that.
  const dispatcher = new Agent();
  try {
    const answer = await request(url, {
      dispatcher,
      headers: { accept: 'application/json', ...authorization(hub) },
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    });
    const code = answer.headers['x-error-code'];
    return {
      status: answer.statusCode,
      reason: typeof code === 'string' ? code : 'no reason given',
      body: await readText(answer.body),
    };
  } catch (error) {
    signal?.throwIfAborted();
    throw fail(
      'OST_DATASET_UNAVAILABLE',
      { dataset: datasetName(reference), detail: messageOf(error) },
      { cause: error },
    );
  } finally {
    await dispatcher.destroy();
  }
}

async function readText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const text = await boundedText(body, maxAnswerBytes);
  if (text === null) throw new RangeError(`its answer has more than ${maxAnswerBytes} bytes`);
  return text;
}

/**
 * What a hub's status means for the operator. The hub hides what one may not see: it answers 401 for what is not there.
 */
export function refusalOf(hub: Hub, reference: DatasetReference, status: number, reason: string): OstinatoError {
  const dataset = datasetName(reference);
  const page = pageOf(hub, reference);
  if (status === 401 || status === 403) return fail('OST_DATASET_FORBIDDEN', { dataset, status, reason, page });
  if (status === 404) return fail('OST_DATASET_NOT_FOUND', { dataset, reason, page });
  return fail('OST_DATASET_UNAVAILABLE', { dataset, detail: `it answered ${status} (${reason})` });
}
