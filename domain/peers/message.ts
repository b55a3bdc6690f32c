import { utf8ToBytes } from '@noble/hashes/utils.js';
import { isCount } from '../read-value.ts';
import { sha256Text } from '../sha256.ts';
import { type Blocks, blocks, type Hex, type Hotkey, hotkey, type Netuid, netuid } from '../units.ts';

/** What a message between validators says; each purpose has a body of its own kind. */
export const peerPurposes = [
  /** The digests of the author's pseudo-gradients of this cycle. */
  'merge-announce',
  /** Which of the announced pseudo-gradients the author holds and found sound. */
  'merge-vouch',
  /** Which model the author ended with, momentum included. */
  'merge-result',
  /** The digest of the author's score table. */
  'scores-digest',
  /** The author's score table. */
  'scores-table',
  /** The Merkle root of the author's record of the cycle: what its miners are shown their verdicts under. */
  'cycle-root',
] as const;

export type PeerPurpose = (typeof peerPurposes)[number];

/** Addressed to all peers: one signature serves them all, and any of them can pass it on as it is. */
export const everybody = '*';

/** What a validator says to its peers, as it is signed. */
export interface PeerMessage {
  readonly purpose: PeerPurpose;
  readonly genesis: Hex;
  readonly netuid: Netuid;
  readonly cycle: number;
  readonly from: Hotkey;
  readonly to: Hotkey | typeof everybody;
  /** The head as its author saw it when it was signed. */
  readonly block: Blocks;
  /** JSON text, exactly as it was signed. */
  readonly body: string;
}

export interface SignedPeerMessage extends PeerMessage {
  /** sr25519 as base64url without padding, over {@link peerMessageBytes}. */
  readonly signature: string;
}

/** A message without its body, as the signing worker is given it. */
export type PeerStatement = Omit<PeerMessage, 'body'> & { readonly bodyDigest: string };

/** Lower-case hex SHA-256 of the body's UTF-8. */
export const bodyDigest = (body: string): string => sha256Text(body);

/** Nothing else that a hotkey signs begins so: no hash, no block message and no extrinsic can be taken for it. */
const domainTag = 'ostinato/peer/1';

/**
 * The bytes that a peer message's signature is over: lines of text, the tag first. The body is in it by its digest, so
 * that a large one need not travel to the signing worker.
 */
export const peerMessageBytes = (statement: PeerStatement): Uint8Array => {
  const { purpose, genesis, netuid: subnet, cycle, from, to, block, bodyDigest: digest } = statement;
  return utf8ToBytes([domainTag, purpose, genesis, subnet, cycle, from, to, block, digest].join('\n'));
};

/** The statement of a message: what {@link peerMessageBytes} signs of it. */
export const statementOf = ({ body, ...rest }: PeerMessage): PeerStatement => ({
  purpose: rest.purpose,
  genesis: rest.genesis,
  netuid: rest.netuid,
  cycle: rest.cycle,
  from: rest.from,
  to: rest.to,
  block: rest.block,
  bodyDigest: bodyDigest(body),
});

/** The most characters that a body may have. */
export const maxBodyLength = 256 * 1024;

const address = /^[1-9A-HJ-NP-Za-km-z]{46,50}$/;
const isPurpose = (value: unknown): value is PeerPurpose => peerPurposes.some((each) => each === value);

/** Whether a value is a statement that may be signed: every field of its kind, so that no line can hold another. */
export function statementProblem(value: Readonly<Record<string, unknown>>): string | null {
  const { purpose, genesis, netuid: subnet, cycle, from, to, block } = value;
  if (!isPurpose(purpose)) return 'its purpose is unknown';
  if (typeof genesis !== 'string' || !/^0x[0-9a-f]{64}$/.test(genesis)) return 'its genesis is no block hash';
  if (!isCount(subnet) || !isCount(cycle) || !isCount(block)) return 'netuid, cycle and block are no whole numbers';
  if (typeof from !== 'string' || !address.test(from)) return 'its author is no address';
  if (to !== everybody && (typeof to !== 'string' || !address.test(to))) return 'its addressee is no address';
  return null;
}

/** Reads a message from a stranger's JSON; text where it is none, saying why. Its signature is not checked here. */
export function readPeerMessage(value: unknown): SignedPeerMessage | string {
  if (typeof value !== 'object' || value === null) return 'it is no JSON object';
  const fields: Readonly<Record<string, unknown>> = { ...value };
  const problem = statementProblem(fields);
  if (problem !== null) return problem;
  const { body, signature } = fields;
  // A lone surrogate has no UTF-8 form: two texts would share one digest.
  if (typeof body !== 'string' || body.length > maxBodyLength || !body.isWellFormed()) {
    return `its body is no text of at most ${maxBodyLength} characters`;
  }
  if (typeof signature !== 'string' || !/^[\w-]{86}$/.test(signature)) return 'its signature is none in base64url';
  return {
    purpose: fields['purpose'] as PeerPurpose,
    genesis: fields['genesis'] as Hex,
    netuid: netuid(Number(fields['netuid'])),
    cycle: Number(fields['cycle']),
    from: hotkey(String(fields['from'])),
    to: fields['to'] === everybody ? everybody : hotkey(String(fields['to'])),
    block: blocks(Number(fields['block'])),
    body,
    signature,
  };
}
