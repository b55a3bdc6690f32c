import { describe, expect, test } from '@jest/globals';
import { classifyError } from '../../../adapters/chain/classify.ts';
import { classify, type FailureContext, type TerminalStatus } from '../../../domain/chain-failure.ts';
import { fail } from '../../../domain/errors/error.ts';
import { blocks } from '../../../domain/units.ts';

const context: FailureContext = { call: 'set_weights', poolCodes: 'current', eraPassed: false, allowedAt: blocks(77) };

/** As a node sends it through @polkadot/api. */
const node = (code: number, data: string) =>
  Object.assign(new Error(`${code}: Invalid Transaction: ${data}`), { code, data });
/** As chopsticks sends it: JSON in the message, no data. */
const chopsticks = (invalid: unknown) =>
  Object.assign(new Error(`1010: ${JSON.stringify({ invalid })}`), { code: 1010 });

describe('pool refusals of a node', () => {
  test.each([
    ['Transaction call is not expected', 'wait_state', 'OST_CHAIN_CALL_FILTERED'],
    ['Inability to pay some fees (e.g. account balance too low)', 'config', 'OST_CHAIN_PAYMENT'],
    ['Transaction will be valid in the future', 'refresh', 'OST_CHAIN_NONCE_FUTURE'],
    ['Transaction is outdated', 'refresh', 'OST_CHAIN_NONCE_STALE'],
    ['Transaction has a bad signature', 'fatal', 'OST_CHAIN_BAD_SIGNATURE'],
    ['Transaction has an ancient birth block', 'expired', 'OST_CHAIN_TX_EXPIRED'],
    ['Transaction would exhaust the block limits', 'refresh', 'OST_CHAIN_POOL_BUSY'],
    ['Invalid signing address', 'fatal', 'OST_CHAIN_BAD_ORIGIN'],
    ['Custom error: 0', 'wait_state', 'OST_CHAIN_KEY_SWAP'],
    ['Custom error: 1', 'wait_state', 'OST_CHAIN_LOW_STAKE'],
    ['Custom error: 3', 'config', 'OST_CHAIN_SUBNET_MISSING'],
    ['Custom error: 6', 'retry_at', 'OST_CHAIN_WEIGHTS_TOO_FAST'],
    ['Custom error: 10', 'wait_state', 'OST_CHAIN_NOT_REGISTERED'],
    ['Custom error: 11', 'config', 'OST_CHAIN_CALL_INVALID'],
    ['Custom error: 12', 'retry_at', 'OST_CHAIN_SERVING_TOO_FAST'],
    ['Custom error: 13', 'config', 'OST_CHAIN_CALL_INVALID'],
    ['Custom error: 16', 'config', 'OST_CHAIN_COMMIT_MISSING'],
    ['Custom error: 17', 'retry_at', 'OST_CHAIN_REVEAL_TOO_EARLY'],
    ['Custom error: 2', 'config', 'OST_CHAIN_PAYMENT'],
    ['Custom error: 25', 'config', 'OST_CHAIN_BAD_ORIGIN'],
    ['Custom error: 21', 'wait_state', 'OST_CHAIN_KEY_SWAP'],
    ['Custom error: 255', 'config', 'OST_CHAIN_CALL_INVALID'],
    ['Custom error: 99', 'config', 'OST_CHAIN_DISPATCH'],
  ])('"%s" is %s', (data, kind, code) => {
    expect(classifyError(node(1010, data), context)).toMatchObject({ class: kind, code });
  });

  test.each([
    [1001, 'fatal', 'OST_CHAIN_CALL_INVALID'],
    [1002, 'config', 'OST_CHAIN_CALL_INVALID'],
    [1011, 'config', 'OST_CHAIN_CALL_INVALID'],
    [1012, 'refresh', 'OST_CHAIN_POOL_BUSY'],
    [1013, 'refresh', 'OST_CHAIN_ALREADY_IMPORTED'],
    [1014, 'refresh', 'OST_CHAIN_POOL_BUSY'],
    [1015, 'refresh', 'OST_CHAIN_POOL_BUSY'],
    [1016, 'refresh', 'OST_CHAIN_POOL_BUSY'],
    [1018, 'refresh', 'OST_CHAIN_POOL_BUSY'],
    [1019, 'fatal', 'OST_CHAIN_CALL_INVALID'],
    [1020, 'refresh', 'OST_CHAIN_POOL_BUSY'],
    [1021, 'refresh', 'OST_CHAIN_NONCE_FUTURE'],
    [-32601, 'refresh', 'OST_CHAIN_RPC'],
  ])('code %i is %s', (code, kind, expected) => {
    expect(classifyError(node(code, ''), context)).toMatchObject({ class: kind, code: expected });
  });

  test('a rate limit carries the block from which it is over, other failures do not', () => {
    expect(classifyError(node(1010, 'Custom error: 6'), context).block).toBe(77);
    expect(classifyError(node(1010, 'Custom error: 1'), context).block).toBeNull();
  });

  test('code 6 of another call is a rate limit too, though not of weights', () => {
    expect(classifyError(node(1010, 'Custom error: 6'), { ...context, call: 'serve_axon' })).toMatchObject({
      class: 'retry_at',
      code: 'OST_CHAIN_RATE_LIMITED',
    });
  });

  test('a bad signature on bytes past their era means that they expired', () => {
    const error = node(1010, 'Transaction has a bad signature');
    expect(classifyError(error, { ...context, eraPassed: true })).toMatchObject({
      class: 'expired',
      code: 'OST_CHAIN_TX_EXPIRED',
    });
  });
});

describe('pool refusals of the test build of January 2025', () => {
  const rao: FailureContext = { ...context, poolCodes: 'rao' };
  test.each([
    [{ custom: 3 }, 'wait_state', 'OST_CHAIN_LOW_STAKE'],
    [{ custom: 1 }, 'wait_state', 'OST_CHAIN_LOW_STAKE'],
    [{ custom: 0 }, 'wait_state', 'OST_CHAIN_KEY_SWAP'],
    [{ custom: 5 }, 'retry_at', 'OST_CHAIN_RATE_LIMITED'],
    [{ badProof: null }, 'fatal', 'OST_CHAIN_BAD_SIGNATURE'],
    [{ stale: null }, 'refresh', 'OST_CHAIN_NONCE_STALE'],
    ['Stale', 'refresh', 'OST_CHAIN_RPC'],
    ['payment', 'config', 'OST_CHAIN_PAYMENT'],
  ])('%j is %s', (invalid, kind, code) => {
    expect(classifyError(chopsticks(invalid), rao)).toMatchObject({ class: kind, code });
  });
});

describe('ends of a watch', () => {
  const ends: readonly TerminalStatus[] = ['invalid', 'dropped', 'usurped', 'retracted', 'finalityTimeout'];
  test.each(ends)('%s: the same bytes again, or signed anew past the era', (status) => {
    expect(classify({ kind: 'status', status }, context)).toMatchObject({
      class: 'refresh',
      code: 'OST_CHAIN_TX_LOST',
      detail: status,
    });
    expect(classify({ kind: 'status', status }, { ...context, eraPassed: true }).class).toBe('expired');
  });
});

describe('dispatch errors', () => {
  test.each([
    ['SubtensorModule.SettingWeightsTooFast', 'retry_at', 'OST_CHAIN_WEIGHTS_TOO_FAST'],
    ['SubtensorModule.CommittingWeightsTooFast', 'retry_at', 'OST_CHAIN_WEIGHTS_TOO_FAST'],
    ['SubtensorModule.ServingRateLimitExceeded', 'retry_at', 'OST_CHAIN_SERVING_TOO_FAST'],
    ['SubtensorModule.RevealTooEarly', 'retry_at', 'OST_CHAIN_REVEAL_TOO_EARLY'],
    ['SubtensorModule.NetworkTxRateLimitExceeded', 'retry_at', 'OST_CHAIN_RATE_LIMITED'],
    ['Commitments.CommitmentSetRateLimitExceeded', 'retry_at', 'OST_CHAIN_COMMITMENT_TOO_FAST'],
    ['Commitments.SpaceLimitExceeded', 'retry_at', 'OST_CHAIN_COMMITMENT_TOO_FAST'],
    ['SubtensorModule.TooManyRegistrationsThisBlock', 'retry_at', 'OST_CHAIN_RATE_LIMITED'],
    ['SubtensorModule.TooManyUnrevealedCommits', 'wait_state', 'OST_CHAIN_RATE_LIMITED'],
    ['SubtensorModule.NoWeightsCommitFound', 'config', 'OST_CHAIN_COMMIT_MISSING'],
    ['SubtensorModule.InvalidRevealCommitHashNotMatch', 'config', 'OST_CHAIN_COMMIT_MISSING'],
    ['SubtensorModule.ExpiredWeightCommit', 'config', 'OST_CHAIN_COMMIT_EXPIRED'],
    ['SubtensorModule.NotEnoughBalanceToStake', 'config', 'OST_CHAIN_PAYMENT'],
    ['SubtensorModule.NonAssociatedColdKey', 'config', 'OST_CHAIN_BAD_ORIGIN'],
    ['SubtensorModule.NeuronNoValidatorPermit', 'wait_state', 'OST_CHAIN_NO_PERMIT'],
    ['SubtensorModule.NotEnoughStakeToSetWeights', 'wait_state', 'OST_CHAIN_LOW_STAKE'],
    ['SubtensorModule.HotKeyNotRegisteredInSubNet', 'wait_state', 'OST_CHAIN_NOT_REGISTERED'],
    ['SubtensorModule.HotKeyNotRegisteredInNetwork', 'wait_state', 'OST_CHAIN_NOT_REGISTERED'],
    ['Commitments.AccountNotAllowedCommit', 'wait_state', 'OST_CHAIN_NOT_REGISTERED'],
    ['SubtensorModule.IncorrectWeightVersionKey', 'wait_state', 'OST_CHAIN_VERSION_KEY'],
    ['SubtensorModule.CommitRevealEnabled', 'config', 'OST_CHAIN_COMMIT_REVEAL'],
    ['SubtensorModule.CommitRevealDisabled', 'config', 'OST_CHAIN_COMMIT_REVEAL'],
    ['SubtensorModule.SubNetworkDoesNotExist', 'config', 'OST_CHAIN_SUBNET_MISSING'],
    ['SubtensorModule.MechanismDoesNotExist', 'config', 'OST_CHAIN_SUBNET_MISSING'],
    ['SubtensorModule.SubnetNotExists', 'config', 'OST_CHAIN_SUBNET_MISSING'],
    ['SubtensorModule.WeightVecNotEqualSize', 'config', 'OST_CHAIN_CALL_INVALID'],
    ['SubtensorModule.UidsLengthExceedUidsInSubNet', 'config', 'OST_CHAIN_CALL_INVALID'],
    ['SubtensorModule.DuplicateUids', 'config', 'OST_CHAIN_CALL_INVALID'],
    ['SubtensorModule.UidVecContainInvalidOne', 'config', 'OST_CHAIN_CALL_INVALID'],
    ['SubtensorModule.WeightVecLengthIsLow', 'config', 'OST_CHAIN_CALL_INVALID'],
    ['SubtensorModule.MaxWeightExceeded', 'config', 'OST_CHAIN_CALL_INVALID'],
    ['SubtensorModule.CanNotSetRootNetworkWeights', 'config', 'OST_CHAIN_CALL_INVALID'],
    ['SubtensorModule.InvalidIpAddress', 'config', 'OST_CHAIN_CALL_INVALID'],
    ['SubtensorModule.InvalidIpType', 'config', 'OST_CHAIN_CALL_INVALID'],
    ['SubtensorModule.InvalidPort', 'config', 'OST_CHAIN_CALL_INVALID'],
    ['SubtensorModule.SomethingNew', 'config', 'OST_CHAIN_DISPATCH'],
    ['BadOrigin', 'fatal', 'OST_CHAIN_BAD_ORIGIN'],
    ['Sudo.RequireSudo', 'fatal', 'OST_CHAIN_BAD_ORIGIN'],
  ])('%s is %s', (name, kind, code) => {
    expect(classify({ kind: 'dispatch', name }, context)).toMatchObject({ class: kind, code, detail: name });
  });
});

describe('the way to the chain', () => {
  const endpoint = 'ws://127.0.0.1:1';
  test.each([
    [
      'a socket that closed',
      new Error(`disconnected from ${endpoint}: 1006:: Abnormal Closure`),
      'OST_CHAIN_DISCONNECTED',
    ],
    ['no socket', new Error('WebSocket is not connected'), 'OST_CHAIN_DISCONNECTED'],
    ['silence', new Error('No response received from RPC endpoint in 60s'), 'OST_CHAIN_TIMEOUT'],
    ['our own bound', fail('OST_CHAIN_TIMEOUT', { endpoint, method: 'm', timeoutMs: 1 }), 'OST_CHAIN_TIMEOUT'],
    ['nobody there', fail('OST_CHAIN_UNREACHABLE', { endpoints: endpoint, reason: 'r' }), 'OST_CHAIN_DISCONNECTED'],
    ['anything else', new Error('what'), 'OST_CHAIN_RPC'],
  ])('%s means: look at the chain, then the same bytes again', (_, error, code) => {
    expect(classifyError(error, context)).toMatchObject({ class: 'refresh', code });
  });
});
