import { expect, test } from '@jest/globals';
import { ActivityFailure, ApplicationFailure } from '@temporalio/common';
import { fail } from '../../domain/errors/error.ts';
import { toFailure, withTypedFailures } from '../../temporal/activity-failures.ts';
import { codeOf, isFinalFailure, textOf } from '../../temporal/failures.ts';

const wrap = (cause: Error) =>
  new ActivityFailure('failed', 'guardWrite', '1', 'NON_RETRYABLE_FAILURE', 'worker', cause);

test('an error of the catalogue reaches the workflow by its code, with its text and its parameters', async () => {
  const activities = withTypedFailures({
    read: async (netuid: number) => {
      throw fail('OST_CHAIN_SUBNET_MISSING', { netuid });
    },
  });
  const failure: unknown = await activities.read(7).catch((error: unknown) => error);
  expect(failure).toMatchObject({ type: 'OST_CHAIN_SUBNET_MISSING', nonRetryable: true, details: [{ netuid: 7 }] });
  const seen = wrap(failure as ApplicationFailure);
  expect(codeOf(seen)).toBe('OST_CHAIN_SUBNET_MISSING');
  expect(textOf(seen)).toBe('There is no subnet 7 on this chain.');
  expect(isFinalFailure(seen)).toBe(true);
});

test('what may pass by itself is tried again', () => {
  const error = fail('OST_CHAIN_TIMEOUT', { endpoint: 'e', method: 'm', timeoutMs: 1 });
  expect(isFinalFailure(wrap(toFailure(error) as ApplicationFailure))).toBe(false);
});

test('other failures have no code', () => {
  expect(codeOf(wrap(ApplicationFailure.create({ type: 'TypeError' })))).toBeNull();
  expect(codeOf(new Error('x'))).toBeNull();
  expect(toFailure('text')).toBe('text');
});

test('a result goes through as it is', async () => {
  expect(await withTypedFailures({ add: async (a: number, b: number) => a + b }).add(1, 2)).toBe(3);
});
