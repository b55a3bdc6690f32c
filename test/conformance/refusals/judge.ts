import { classifyError, symptomOf } from '../../../adapters/chain/classify.ts';
import { type ChainFailure, classify, type FailureContext, type Symptom } from '../../../domain/chain-failure.ts';
import type { Ground } from '../ground.ts';
import { describe, type Outcome } from '../send.ts';
import type { Result } from '../verdict.ts';
import { type Expected, expected, type RefusalName } from './expected.ts';

export const lineName = (name: RefusalName): string => `refusal: ${name}`;

/** Whether the chain told the refusal in one of the ways that it may. */
function says(symptom: Symptom, wanted: Expected, poolCodes: 'rao' | 'current'): boolean {
  switch (symptom.kind) {
    case 'dispatch':
      return wanted.dispatch?.includes(symptom.name) ?? false;
    case 'custom':
      return wanted.custom?.[poolCodes] === symptom.number;
    case 'invalid':
      return wanted.invalid === symptom.reason;
    case 'rpc':
      return wanted.rpc?.includes(symptom.number) ?? false;
    default:
      return false;
  }
}

/** Holds what the chain answered against the table, and what the client makes of it against the same. */
export function judge(ground: Ground, name: RefusalName, outcome: Outcome, eraPassed = false): Result {
  const wanted: Expected = expected[name];
  const { poolCodes } = ground.client.capabilities;
  const context: FailureContext = { call: wanted.call, poolCodes, eraPassed, allowedAt: null };
  const fail = (detail: string): Result => ({ name: lineName(name), verdict: { kind: 'fail', detail } });
  let symptom: Symptom;
  let failure: ChainFailure;
  if (outcome.kind === 'pool') {
    symptom = symptomOf(outcome.error);
    failure = classifyError(outcome.error, context);
  } else if (outcome.kind === 'dispatch') {
    symptom = { kind: 'dispatch', name: outcome.name };
    failure = classify(symptom, context);
  } else {
    return fail(`it ended with ${describe(outcome)}`);
  }
  if (!says(symptom, wanted, poolCodes)) return fail(`the chain says ${describe(outcome)}`);
  if (failure.class !== wanted.class || failure.code !== wanted.code) {
    return fail(`${failure.detail} is taken for ${failure.class} ${failure.code}, not ${wanted.class} ${wanted.code}`);
  }
  return { name: lineName(name), verdict: { kind: 'pass' } };
}
