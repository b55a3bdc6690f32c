// Checked by test/temporal/guards.test.ts with its own tsconfig: every marked line must be an error, all others none.
import type { ActivityOptions } from '@temporalio/common';

export const good: readonly ActivityOptions[] = [
  { startToCloseTimeout: '30 seconds' },
  { startToCloseTimeout: '1m' },
  { startToCloseTimeout: 1500 },
];

export const bad: readonly ActivityOptions[] = [
  // @ts-expect-error A fruit is no duration.
  { startToCloseTimeout: 'banana' },
  // @ts-expect-error Nor is a unit without a number.
  { heartbeatTimeout: 'minutes' },
];
