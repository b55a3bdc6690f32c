import { utf8ToBytes } from '@noble/hashes/utils.js';
import { failCoded } from './errors/coded.ts';
import { isCount, isObject, parseJson } from './read-value.ts';
import { decodeSignature, isModelHash } from './signed-message.ts';

/** The most that the commitment pallet's raw field takes, in UTF-8 bytes. */
export const maxPayloadBytes = 128;
/** Longer texts are not even parsed; the originals' longest form stays far below. */
const maxReadChars = 2048;

/** Where a model's files lie on Hugging Face, as newer peers write it. Read, and never needed here. */
export interface HubLocation {
  readonly repo: string;
  readonly revision: string | null;
}

/** A hash with what it is the hash of: a miner's MinerCommit2 or a validator's ValidatorCommit2. */
interface HashFields {
  /** The tensor hash: 48 lower-case hex digits. */
  readonly modelHash: string;
  /** The model's version; 0 in a validator's hash commit means that it did not take part in the merge. */
  readonly version: number;
  readonly group: number;
}

interface HeartbeatFields {
  /** Absent until the validator has committed a model. */
  readonly modelHash: string | null;
  readonly version: number;
  readonly group: number;
  /** The validator's seed of this cycle, 0 to 2^32 − 1. */
  readonly seed: number | null;
}

/**
 * What a commitment says. The text alone does not tell a validator from a miner: who may write what in which phase is
 * the reader's business. A seed makes a heartbeat, as does a version without a hash (a validator's start).
 */
export type CommitPayload =
  | { readonly kind: 'signature'; readonly signature: string }
  | (HashFields & { readonly kind: 'hash'; readonly location: HubLocation | null })
  | (HeartbeatFields & { readonly kind: 'heartbeat' })
  | { readonly kind: 'malformed'; readonly reason: MalformedReason; readonly detail: string };

export type MalformedReason = 'too_long' | 'no_json' | 'no_object' | 'bad_field' | 'nothing_known';

/** MinerCommit1 and ValidatorCommit1: the base64url signature over the hash's hex text. 94 bytes. */
export const signatureCommit = (signature: string): string => {
  if (decodeSignature(signature) === null) throw failCoded('OST_COMMIT_FIELD', { field: 'm', value: signature });
  return compact([['m', signature.replace(/=+$/, '')]]);
};

/** MinerCommit2: reveals the hash that was signed before. */
export const minerHashCommit = ({ group, modelHash, version, location }: HashFields & Located): string =>
  compact([['e', count('e', group)], ['h', hash(modelHash)], ['v', count('v', version)], ...located(location)]);

/** ValidatorCommit2. */
export const validatorHashCommit = ({ group, modelHash, version, location }: HashFields & Located): string =>
  compact([['h', hash(modelHash)], ['v', count('v', version)], ['e', count('e', group)], ...located(location)]);

/** MinerCommit1 by a validator; without a hash and a seed it is the commit of a validator that has just started. */
export const heartbeatCommit = ({ modelHash, version, group, seed }: HeartbeatFields): string =>
  compact([
    ['h', modelHash === null ? null : hash(modelHash)],
    ['v', count('v', version)],
    ['e', count('e', group)],
    ['s', seed === null ? null : count('s', seed)],
  ]);

interface Located {
  readonly location?: HubLocation;
}

type Field = readonly [key: string, value: string | number | null];

/** JSON without spaces and nulls, in the given order of keys; refused before it is signed where the chain would. */
function compact(fields: readonly Field[]): string {
  const text = JSON.stringify(Object.fromEntries(fields.filter(([, value]) => value !== null)));
  const sizeBytes = utf8ToBytes(text).length;
  if (sizeBytes > maxPayloadBytes) throw failCoded('OST_COMMIT_TOO_LONG', { sizeBytes, maxBytes: maxPayloadBytes });
  return text;
}

const located = (location: HubLocation | undefined): readonly Field[] =>
  location === undefined ? [] : [['r', location.repo] as const, ['rv', location.revision] as const];

function hash(value: string): string {
  if (!isModelHash(value)) throw failCoded('OST_COMMIT_FIELD', { field: 'h', value });
  return value;
}

function count(field: string, value: number): number {
  if (!isCount(value)) throw failCoded('OST_COMMIT_FIELD', { field, value });
  return value;
}

const malformed = (reason: MalformedReason, detail: string): CommitPayload => ({ kind: 'malformed', reason, detail });

/**
 * Reads any text that a stranger may have committed: the compact form, and the older long one with spaces and nulls.
 * Null stands for a slot that holds no text.
 */
export function readCommitPayload(text: string | null): CommitPayload {
  if (text === null) return malformed('no_json', 'the field holds no text');
  if (text.length > maxReadChars) return malformed('too_long', `${text.length} characters`);
  const value = parseJson(text);
  if (value === undefined) return malformed('no_json', 'the text is no JSON');
  if (!isObject(value)) return malformed('no_object', 'the JSON is no object');
  return readFields(new Map(Object.entries(value)));
}

function readFields(fields: ReadonlyMap<string, unknown>): CommitPayload {
  // Short aliases are today's form, long names the older ones'; a null stands for an absent field.
  const get = (...names: readonly string[]): unknown =>
    names.map((name) => fields.get(name)).find((value) => value != null) ?? null;
  const bad = (field: string) => malformed('bad_field', `the field "${field}" cannot be right`);
  const written = get('h', 'model_hash');
  const modelHash = typeof written === 'string' ? written.toLowerCase() : written;
  const signature = get('m', 'signed_model_hash');
  // The predecessor's miners named no version: everybody had the same model then.
  const unversioned = modelHash !== null && !['v', 'global_ver', 'model_version'].some((name) => fields.has(name));
  const version = unversioned ? 0 : get('v', 'global_ver', 'model_version');
  const group = get('e', 'expert_group');
  const seed = get('s', 'miner_seed', 'seed');
  const repo = get('r', 'hf_repo_id');
  const revision = get('rv', 'hf_revision');

  if (modelHash === null && version === null && signature !== null) {
    if (typeof signature !== 'string' || decodeSignature(signature) === null) return bad('m');
    return { kind: 'signature', signature: signature.replace(/=+$/, '') };
  }
  if (modelHash === null && version === null && group === null) {
    return malformed('nothing_known', 'it holds neither a signature nor a hash nor a version');
  }
  if (modelHash !== null && !isModelHash(modelHash)) return bad('h');
  if (!isCount(version)) return bad('v');
  if (!isCount(group)) return bad('e');
  if (seed !== null && !isCount(seed)) return bad('s');
  if (modelHash === null || seed !== null) return { kind: 'heartbeat', modelHash, version, group, seed };
  if (repo !== null && typeof repo !== 'string') return bad('r');
  if (revision !== null && typeof revision !== 'string') return bad('rv');
  return { kind: 'hash', modelHash, version, group, location: repo === null ? null : { repo, revision } };
}
