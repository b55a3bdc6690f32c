import { Agent, type Dispatcher, request } from 'undici';
import { fail, isOstinatoError, messageOf } from '../../domain/errors/error.ts';
import type { PeerAccess } from '../../domain/peers/access.ts';
import { type PeerPurpose, readPeerMessage, type SignedPeerMessage } from '../../domain/peers/message.ts';
import { fieldsOf, parseJson } from '../../domain/read-value.ts';
import { type Blocks, blocks } from '../../domain/units.ts';
import { mayPass, plainUrl, readRefusal } from '../artifacts/transfer/answer.ts';
import { boundedText } from '../http/bounded-text.ts';

/** A peer that has said nothing for so long is asked again later: deadlines are few blocks away. */
const patienceMs = 10_000;
/** Room for all messages of one purpose, two from each of 64 validators at most. */
const maxAnswerBytes = 40 * 1024 * 1024;

export interface CallOptions {
  readonly signal?: AbortSignal;
}

/** The query that proves who asks. */
export const accessQuery = ({ target, origin, block, signature }: PeerAccess): URLSearchParams =>
  new URLSearchParams({
    target_hotkey_ss58: target,
    origin_hotkey_ss58: origin,
    origin_block: String(block),
    signature,
  });

/** Where a peer has an artefact; {@link download} fetches it from there, with ranges. */
export function artifactUrl(access: PeerAccess, digest: string): string {
  const query = accessQuery(access);
  query.set('digest', digest);
  return `${access.url}/peers/artifact?${query}`;
}

/**
 * Hands a signed message to a peer. Again and again is the same as once.
 *
 * @throws OST_PEER_UNREACHABLE where it may be tried again, OST_PEER_REFUSED where that is of no use
 */
export async function deliver(
  url: string,
  message: SignedPeerMessage,
  options: CallOptions = {},
): Promise<'new' | 'known'> {
  const answer = await call(`${url}/peers/messages`, options, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(message),
  });
  return fieldsOf(answer)['status'] === 'known' ? 'known' : 'new';
}

/** A message as a peer has it; the block at which it came is that peer's word. */
export interface RelayedMessage {
  readonly message: SignedPeerMessage;
  readonly receivedAtBlock: Blocks;
}

/**
 * The messages of one purpose and cycle that a peer holds, its own among them. Each carries its author's signature,
 * which the caller checks; what is malformed is left out.
 *
 * @throws OST_PEER_UNREACHABLE, _REFUSED, _ANSWER
 */
export async function listMessages(
  access: PeerAccess,
  { purpose, cycle }: { readonly purpose: PeerPurpose; readonly cycle: number },
  options: CallOptions = {},
): Promise<readonly RelayedMessage[]> {
  const query = accessQuery(access);
  query.set('purpose', purpose);
  query.set('cycle', String(cycle));
  const list = fieldsOf(await call(`${access.url}/peers/messages?${query}`, options))['messages'];
  if (!Array.isArray(list)) throw fail('OST_PEER_ANSWER', { url: access.url, problem: 'it holds no list of messages' });
  return list.flatMap((each: unknown) => {
    const message = readPeerMessage(fieldsOf(each)['message']);
    const block = fieldsOf(each)['received_at_block'];
    if (typeof message === 'string' || !Number.isSafeInteger(block)) return [];
    return message.purpose === purpose && message.cycle === cycle
      ? [{ message, receivedAtBlock: blocks(Number(block)) }]
      : [];
  });
}

interface Call {
  readonly method: 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

async function call(url: string, { signal }: CallOptions, how?: Call): Promise<unknown> {
  // An agent of its own: a peer that hangs holds up nobody else, and nothing of it stays open.
  const agent = new Agent({ headersTimeout: patienceMs, bodyTimeout: patienceMs, connect: { timeout: patienceMs } });
  try {
    const answer = await request(url, { dispatcher: agent, ...how, ...(signal === undefined ? {} : { signal }) });
    if (answer.statusCode !== 200) throw await refusal(url, answer);
    return await readJson(url, answer.body);
  } catch (error) {
    if (isOstinatoError(error)) throw error;
    throw fail('OST_PEER_UNREACHABLE', { url: plainUrl(url), detail: messageOf(error) }, { cause: error });
  } finally {
    await agent.destroy();
  }
}

async function refusal(url: string, answer: Dispatcher.ResponseData) {
  const { status, code, detail } = await readRefusal(answer);
  if (mayPass(status)) return fail('OST_PEER_UNREACHABLE', { url: plainUrl(url), detail: `${status} ${code}` });
  return fail('OST_PEER_REFUSED', { url: plainUrl(url), status, code, detail });
}

async function readJson(url: string, body: Dispatcher.ResponseData['body']): Promise<unknown> {
  const refuse = (problem: string) => fail('OST_PEER_ANSWER', { url: plainUrl(url), problem });
  const text = await boundedText(body, maxAnswerBytes);
  if (text === null) throw refuse('it has no end');
  const value = parseJson(text);
  if (value === undefined) throw refuse('it is no JSON');
  return value;
}
