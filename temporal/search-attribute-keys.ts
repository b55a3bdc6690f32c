import { defineSearchAttributeKey } from '@temporalio/common';

/**
 * The search attributes of Ostinato's workflows; workflow code imports them, so nothing else may be imported here.
 * An SQL store has room for 10 keywords and 3 of every other type in a namespace. A subnet's number is a name, not an
 * amount, so it is a keyword and leaves one integer free.
 */
export const searchAttributeKeys = {
  hotkey: defineSearchAttributeKey('Hotkey', 'KEYWORD'),
  netuid: defineSearchAttributeKey('Netuid', 'KEYWORD'),
  role: defineSearchAttributeKey('Role', 'KEYWORD'),
  phase: defineSearchAttributeKey('Phase', 'KEYWORD'),
  outcome: defineSearchAttributeKey('Outcome', 'KEYWORD'),
  reason: defineSearchAttributeKey('Reason', 'KEYWORD'),
  validator: defineSearchAttributeKey('Validator', 'KEYWORD'),
  cycleNumber: defineSearchAttributeKey('CycleNumber', 'INT'),
  expertGroup: defineSearchAttributeKey('ExpertGroup', 'INT'),
  needsOperator: defineSearchAttributeKey('NeedsOperator', 'BOOL'),
} as const;
