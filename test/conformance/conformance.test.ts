import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openEmbedded } from './embedded.ts';
import type { Ground } from './ground.ts';
import { openRawSpec } from './raw-spec.ts';
import { runSuite, suite } from './suite.ts';
import { lineOf, type Result } from './verdict.ts';

interface Case {
  readonly chain: string;
  readonly open: () => Promise<Ground>;
  /** What the runtime, or what serves it, has not got; nothing may come to this list by itself. */
  readonly absent: readonly string[];
}

const cases: readonly Case[] = [
  {
    chain: 'the embedded chain',
    open: openEmbedded,
    absent: [
      'commitments: the distance between two is told',
      'refusal: CommitmentSetRateLimitExceeded',
      'refusal: MaxWeightExceeded',
      'refusal: TooManyRegistrationsThisBlock',
      'refusal: registrations of an interval',
      'refusal: ExpiredWeightCommit',
    ],
  },
  {
    chain: 'runtime 218',
    open: () => openRawSpec(join(import.meta.dirname, '../fixtures/subtensor-218-raw-spec.json')),
    absent: [
      'commitments: of several fields the first one counts',
      'commitments: the room of an epoch is told, and what was written counts',
      'refusal: SpaceLimitExceeded',
      'weights: of a mechanism, set and read back',
      'epochs: the state says the same of the next one',
      'epochs: the count goes up when one begins',
      // Chopsticks is no node: it hands any bytes to the runtime, and its pool remembers nothing.
      'refusal: bytes of another length than they say',
      'refusal: already imported',
      'refusal: a nonce that waits already',
      'refusal: temporarily banned',
      'refusal: pool full',
      'pool: a nonce that is ahead waits for the one before it',
      'refusal: ExpiredWeightCommit (pool)',
      'refusal: Call (calls in calls)',
      'refusal: coldkey swap disputed',
      // Its pool numbers a handful of refusals.
      'refusal: RegistrationPriceLimitExceeded',
      'refusal: EvmKeyAssociateRateLimitExceeded',
      'refusal: TransferDisallowed',
      'refusal: InsufficientLiquidity',
      'refusal: AdminActionProhibitedDuringWeightsWindow',
      'refusal: IncorrectCommitRevealVersion',
      'refusal: HotKeyAccountNotExists',
      'refusal: NonAssociatedColdKey (take)',
      'refusal: DelegateTakeTooLow',
      'refusal: DelegateTakeTooHigh',
      'refusal: InvalidRevealRound',
      'refusal: InputLengthsUnequal',
      'refusal: no uid for an EVM key',
      'refusal: unparsable envelope of the shield',
      'refusal: envelope of the shield for another key',
      'refusal: AmountTooLow',
      'refusal: NotEnoughStakeToWithdraw',
      'refusal: NotEnoughBalanceToStake (staking)',
      'refusal: SlippageTooHigh',
    ],
  },
];

describe.each(cases)('$chain', ({ open, absent }) => {
  let ground: Ground | undefined;
  let results: readonly Result[] = [];

  beforeAll(async () => {
    ground = await open();
    results = await runSuite(ground);
  }, 600_000);

  afterAll(async () => {
    await ground?.close();
  });

  const named = (kind: Result['verdict']['kind']) =>
    results.filter(({ verdict }) => verdict.kind === kind).map(({ name }) => name);

  test('fails no check', () => {
    expect(results.filter(({ verdict }) => verdict.kind === 'fail').map(lineOf)).toEqual([]);
  });

  test('is checked in everything that the suite has', () => {
    expect(results.map(({ name }) => name).sort()).toEqual(suite.flatMap(({ names }) => names).sort());
  });

  test('has everything but what is listed', () => {
    expect(named('absent').sort()).toEqual([...absent].sort());
  });

  test('was provoked to everything else', () => {
    expect(named('not_provoked')).toEqual([]);
  });
});
