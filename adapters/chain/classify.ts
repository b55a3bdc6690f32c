import {
  type ChainFailure,
  classify,
  type FailureContext,
  type InvalidReason,
  type Symptom,
} from '../../domain/chain-failure.ts';
import { isOstinatoError, messageOf } from '../../domain/errors/error.ts';

/** What anything that a submission can throw says about the chain; the rules are in domain/chain-failure.ts. */
export const classifyError = (error: unknown, context: FailureContext): ChainFailure =>
  classify(symptomOf(error), context);

/** A node's words for the reasons of code 1010. */
const invalidTexts: readonly (readonly [RegExp, InvalidReason])[] = [
  [/call is not expected/i, 'call'],
  [/inability to pay/i, 'payment'],
  [/valid in the future/i, 'future'],
  [/outdated/i, 'stale'],
  [/bad signature/i, 'badProof'],
  [/ancient birth block/i, 'ancientBirthBlock'],
  [/exhaust the block/i, 'exhaustsResources'],
  [/invalid signing address/i, 'badSigner'],
];

/** Chopsticks' names, inside JSON in the message. */
const invalidNames: Readonly<Record<string, InvalidReason>> = {
  call: 'call',
  payment: 'payment',
  future: 'future',
  stale: 'stale',
  badProof: 'badProof',
  ancientBirthBlock: 'ancientBirthBlock',
  exhaustsResources: 'exhaustsResources',
  badMandatory: 'badMandatory',
  mandatoryValidation: 'mandatoryValidation',
  badSigner: 'badSigner',
};

/** Reads a thrown value: an RPC error of a node or of chopsticks, a lost connection, or our own time-out. */
export function symptomOf(error: unknown): Symptom {
  const detail = messageOf(error);
  if (isOstinatoError(error, 'OST_CHAIN_TIMEOUT')) return { kind: 'timeout', detail };
  if (isOstinatoError(error, 'OST_CHAIN_DISCONNECTED', 'OST_CHAIN_UNREACHABLE'))
    return { kind: 'disconnected', detail };
  if (/^(disconnected from|WebSocket is not connected)/.test(detail)) return { kind: 'disconnected', detail };
  if (/^No response received/.test(detail)) return { kind: 'timeout', detail };
  const number = codeOf(error);
  if (number === null) return { kind: 'other', detail };
  if (number !== 1010) return { kind: 'rpc', number, detail };
  const text = `${detail} ${dataOf(error)}`;
  const custom = /custom"?(?: error)?\s*:\s*(\d+)/i.exec(text)?.[1];
  if (custom !== undefined) return { kind: 'custom', number: Number(custom), detail };
  const named = /"invalid"\s*:\s*(?:"(\w+)"|\{\s*"(\w+)")/.exec(text);
  const reason =
    invalidNames[named?.[1] ?? named?.[2] ?? ''] ?? invalidTexts.find(([pattern]) => pattern.test(text))?.[1];
  return reason === undefined ? { kind: 'rpc', number, detail } : { kind: 'invalid', reason, detail };
}

function codeOf(error: unknown): number | null {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null;
  return typeof error.code === 'number' ? error.code : null;
}

function dataOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('data' in error)) return '';
  return typeof error.data === 'string' ? error.data : JSON.stringify(error.data ?? '');
}
