import * as rule from '../../../domain/protection.ts';

// What is said here takes the place of what is exported there.
export * from '../../../domain/protection.ts';

export type Change = Partial<Pick<typeof rule, 'judgeVector' | 'mergeRecords'>>;

/** What is changed of the rule at the moment. */
export const changed: { now: Change } = { now: {} };

export const judgeVector: typeof rule.judgeVector = (...given) =>
  (changed.now.judgeVector ?? rule.judgeVector)(...given);

export const mergeRecords: typeof rule.mergeRecords = (...given) =>
  (changed.now.mergeRecords ?? rule.mergeRecords)(...given);
