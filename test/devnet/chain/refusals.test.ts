import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { bnToU8a, compactToU8a, hexToU8a, u8aConcat, u8aToHex } from '@polkadot/util';
import { keccakAsU8a, xxhashAsU8a } from '@polkadot/util-crypto';
import {
  asRoot,
  type Bench,
  customError,
  errorName,
  include,
  refusalOf,
  startBench,
  stored,
  storedJson,
  type Tx,
  tx,
} from './support.ts';

const NETUID = 1;
let bench: Bench;

beforeAll(async () => {
  bench = await startBench({ subnet: { tempo: 30, weightsRateLimit: 0 } });
});
afterAll(async () => {
  await bench.close();
});

const call = (name: string, ...args: unknown[]) => tx(bench.api, name, ...args);
const send = (built: Tx, who = '//Alice') => include(bench, built, bench.key(who));
const refused = (built: Tx, who = '//Alice') => refusalOf(bench, built, bench.key(who));
const root = (name: string, ...args: unknown[]) => asRoot(bench, call(name, ...args));
const build = async (count: number) => {
  for (let built = 0; built < count; built++) await bench.net.buildBlock();
};
const invalid = (data: string) => ({ code: 1010, message: 'Invalid Transaction', data });
/** The data of an event in the head. */
async function eventOf(name: string): Promise<readonly unknown[]> {
  const records = (await stored(bench.api, 'system.events')) as unknown as Iterable<{
    event: { section: string; method: string; data: readonly unknown[] };
  }>;
  const found = [...records].find(({ event }) => `${event.section}.${event.method}` === name);
  if (found === undefined) throw new Error(`no event ${name}`);
  return found.event.data;
}

describe('calls in calls', () => {
  const wrapped = (depth: number): Tx => {
    let built = call('system.remark', '0x01');
    for (let level = 1; level < depth; level++) built = call('proxy.proxy', bench.key('//Bob').address, null, built);
    return built;
  };

  test('may lie eight deep; deeper ones the pool does not take', async () => {
    expect((await send(wrapped(8))).error).toBe('proxy.NotProxy');
    expect(await refused(wrapped(9))).toEqual(invalid('Transaction call is not expected'));
  });

  test('in batches may be anything but batches', async () => {
    const inner = call('utility.batchAll', [call('system.remark', '0x01')]);
    expect((await send(call('utility.batchAll', [inner]))).error).toBe('system.CallFiltered');
    const outer = await send(call('utility.batch', [inner]));
    expect(outer).toMatchObject({ error: null, events: expect.arrayContaining(['utility.BatchInterrupted']) });
  });

  test('of somebody else need to be allowed, and their failure is told inside', async () => {
    const [alice, eve] = [bench.key('//Alice').address, bench.key('//Eve').address];
    const unfit = call('subtensorModule.setWeights', NETUID, [99], [1], 0);
    expect((await send(call('proxy.proxy', alice, null, unfit), '//Eve')).error).toBe('proxy.NotProxy');
    expect((await send(call('proxy.addProxy', eve, 'NonTransfer', 0))).events).toContain('proxy.ProxyAdded');
    expect((await send(call('proxy.addProxy', eve, 'NonTransfer', 0))).error).toBe('proxy.Duplicate');
    expect((await send(call('proxy.addProxy', alice, 'Any', 0))).error).toBe('proxy.NoSelfProxy');
    const failed = await send(call('proxy.proxy', alice, null, unfit), '//Eve');
    expect(failed.error).toBeNull();
    const [result] = (await eventOf('proxy.ProxyExecuted')) as readonly { asErr: Parameters<typeof errorName>[1] }[];
    expect(errorName(bench.api, result?.asErr)).toBe('subtensorModule.UidVecContainInvalidOne');
    await send(call('proxy.proxy', alice, null, call('balances.transferKeepAlive', eve, 1)), '//Eve');
    const [barred] = (await eventOf('proxy.ProxyExecuted')) as readonly { asErr: Parameters<typeof errorName>[1] }[];
    expect(errorName(bench.api, barred?.asErr)).toBe('system.CallFiltered');
    expect((await send(call('proxy.removeProxy', eve, 'NonTransfer', 0))).events).toContain('proxy.ProxyRemoved');
  });

  test('are checked as the pool checks them, and then it is an error of the module', async () => {
    await send(call('utility.batch', [call('subtensorModule.serveAxon', NETUID, 1, 1, 0, 4, 4, 0, 0)]));
    const [, error] = (await eventOf('utility.BatchInterrupted')) as readonly Parameters<typeof errorName>[1][];
    expect(errorName(bench.api, error)).toBe('subtensorModule.InvalidPort');
  });
});

describe('an endpoint', () => {
  const axon = (ip: string | number, port: number, type: number) =>
    call('subtensorModule.serveAxonTls', NETUID, 1, ip, port, type, 4, 0, 0, '0x01aabb');
  test.each([
    ['custom error 11: the loopback', 11, () => axon(0x7f00_0001, 80, 4)],
    ['custom error 11: the last address', 11, () => axon(0xffff_ffff, 80, 4)],
    ['custom error 11: the loopback of version 6', 11, () => axon(1, 80, 6)],
    ['custom error 13: port 0', 13, () => axon(0x0a00_0001, 0, 4)],
    ['custom error 255: a type that is none', 255, () => axon(0x0a00_0001, 80, 5)],
    [
      'custom error 255: prometheus of such a type',
      255,
      () => call('subtensorModule.servePrometheus', NETUID, 1, 5, 80, 5),
    ],
    ['custom error 13: prometheus on port 0', 13, () => call('subtensorModule.servePrometheus', NETUID, 1, 5, 0, 4)],
  ])('is refused by the pool as %s', async (_, code, built) => {
    expect(await refused(built(), '//Bob')).toEqual(customError(code));
  });

  test('is refused as custom error 10 of a stranger, and as 12 too soon after another', async () => {
    expect(await refused(axon(5, 80, 4), '//Stranger')).toEqual(customError(10));
    const prometheus = call('subtensorModule.servePrometheus', NETUID, 1, 5, 80, 4);
    expect((await send(prometheus, '//Bob')).events).toContain('subtensorModule.PrometheusServed');
    expect(await refused(call('subtensorModule.servePrometheus', NETUID, 1, 6, 80, 4), '//Bob')).toEqual(
      customError(12),
    );
  });

  test('with a certificate keeps that beside it', async () => {
    expect((await send(axon(0x7f00_0002, 8091, 4), '//Bob')).error).toBeNull();
    const { address } = bench.key('//Bob');
    expect(await storedJson(bench.api, 'subtensorModule.neuronCertificates', NETUID, address)).toEqual({
      publicKey: '0xaabb',
      algorithm: 1,
    });
  });
});

describe('a take', () => {
  const take = (name: string, hotkey: string, amount: number) =>
    call(`subtensorModule.${name}`, bench.key(hotkey).address, amount);
  test.each([
    ['4: of no hotkey', 4, () => take('decreaseTake', '//Nobody', 1), '//Alice'],
    ['25: of somebody else', 25, () => take('decreaseTake', '//Bob', 1), '//Alice'],
    ['26: not below the present one', 26, () => take('decreaseTake', '//Alice', 11_796), '//Alice'],
    ['26: not above the present one', 26, () => take('increaseTake', '//Alice', 11_796), '//Alice'],
    ['27: above the most there may be', 27, () => take('increaseTake', '//Alice', 11_797), '//Alice'],
  ])('is refused by the pool as custom error %s', async (_, code, built, who) => {
    expect(await refused(built(), who)).toEqual(customError(code));
  });

  test('goes down, and up again', async () => {
    expect((await send(take('decreaseTake', '//Alice', 100))).events).toContain('subtensorModule.TakeDecreased');
    expect((await send(take('increaseTake', '//Alice', 200))).events).toContain('subtensorModule.TakeIncreased');
    expect(await storedJson(bench.api, 'subtensorModule.delegates', bench.key('//Alice').address)).toBe(200);
  });
});

describe('a key of Ethereum', () => {
  const wallet = hexToU8a(`0x${'11'.repeat(32)}`);
  const address = u8aToHex(keccakAsU8a(secp256k1.getPublicKey(wallet, false).subarray(1)).subarray(12));
  /** Signed as a wallet signs a message. */
  const associate = (who: string, key = address) => {
    const message = u8aConcat(bench.key(who).publicKey, keccakAsU8a(bnToU8a(1, { bitLength: 64 })));
    const hash = keccakAsU8a(u8aConcat(`\x19Ethereum Signed Message:\n${message.length}`, message));
    const signed = secp256k1.sign(hash, wallet);
    const signature = u8aConcat(signed.toCompactRawBytes(), [27 + signed.recovery]);
    return call('subtensorModule.associateEvmKey', NETUID, key, 1, u8aToHex(signature));
  };

  test('is taken from a neuron whose wallet signed, once a day, 20, and from no stranger, 19', async () => {
    expect(await refused(associate('//Eve'), '//Eve')).toEqual(customError(19));
    expect((await send(associate('//Bob', `0x${'22'.repeat(20)}`), '//Bob')).error).toBe(
      'subtensorModule.InvalidRecoveredPublicKey',
    );
    expect((await send(associate('//Bob'), '//Bob')).events).toContain('subtensorModule.EvmKeyAssociated');
    const bob = await storedJson(bench.api, 'subtensorModule.uids', NETUID, bench.key('//Bob').address);
    expect(await storedJson(bench.api, 'subtensorModule.associatedEvmAddress', NETUID, bob)).toMatchObject([
      address,
      {},
    ]);
    expect(await refused(associate('//Bob'), '//Bob')).toEqual(customError(20));
  });
});

test('an envelope of the shield is refused where it is none, 23, and where it names no key of the chain, 24', async () => {
  const key = new Uint8Array(1184).fill(7);
  const envelope = (named: Uint8Array) =>
    call('mevShield.submitEncrypted', u8aToHex(u8aConcat(named, [0, 0], new Uint8Array(40))));
  expect(await refused(call('mevShield.submitEncrypted', '0x0102'))).toEqual(customError(23));
  expect(await refused(envelope(xxhashAsU8a(key, 128)))).toEqual(customError(24));
  const place = bench.api.query['mevShield']?.['nextKey']?.key() ?? '';
  await root('system.setStorage', [[place, u8aToHex(u8aConcat(compactToU8a(key.length), key))]]);
  expect((await send(envelope(xxhashAsU8a(key, 128)))).error).toBeNull();
  expect(await refused(envelope(xxhashAsU8a(new Uint8Array(3), 128)))).toEqual(customError(24));
});

test('a coldkey that announced its swap sends nothing more, 0, and one in dispute nothing at all, 21', async () => {
  const remark = call('system.remark', '0x01');
  expect((await send(call('subtensorModule.disputeColdkeySwap'), '//Ferdie')).error).toBe(
    'subtensorModule.ColdkeySwapAnnouncementNotFound',
  );
  await send(call('subtensorModule.announceColdkeySwap', `0x${'05'.repeat(32)}`), '//Ferdie');
  expect(await refused(remark, '//Ferdie')).toEqual(customError(0));
  expect((await send(call('subtensorModule.disputeColdkeySwap'), '//Ferdie')).error).toBeNull();
  expect(await refused(remark, '//Ferdie')).toEqual(customError(21));
});

describe('settings', () => {
  const key = (value: number) => call('adminUtils.sudoSetWeightsVersionKey', NETUID, value);
  const serving = (value: number) => call('adminUtils.sudoSetServingRateLimit', NETUID, value);

  test('of root are no business of anybody else, and those of a subnet are its owner alone', async () => {
    expect((await send(call('adminUtils.sudoSetStakeThreshold', 5))).error).toBe('BadOrigin');
    expect((await send(serving(5), '//Bob')).error).toBe('BadOrigin');
    expect(await refused(call('sudo.sudo', serving(5)), '//Bob')).toEqual(invalid('Invalid signing address'));
  });

  test('are changed by the owner once in two epochs, the version key once in five', async () => {
    await root('adminUtils.sudoSetTempo', NETUID, 30); // begins a new cycle
    expect((await send(serving(5))).error).toBeNull();
    expect((await send(serving(6))).error).toBe('subtensorModule.TxRateLimitExceeded');
    expect((await send(key(0))).error).toBeNull();
    await build(60);
    await root('adminUtils.sudoSetTempo', NETUID, 30);
    expect((await send(serving(6))).error).toBeNull();
    expect((await send(key(0))).error).toBe('subtensorModule.TxRateLimitExceeded');
  });

  test('rest in the last blocks before an epoch, for the owner', async () => {
    await root('adminUtils.sudoSetTempo', NETUID, 30);
    await build(21);
    const change = call('adminUtils.sudoSetImmunityPeriod', NETUID, 10);
    expect((await send(change)).error).toBe('subtensorModule.AdminActionProhibitedDuringWeightsWindow');
    await asRoot(bench, change);
    expect((await send(call('subtensorModule.setTempo', NETUID, 400))).error).toBe(
      'subtensorModule.AdminActionProhibitedDuringWeightsWindow',
    );
  });

  test.each([
    ['RevealPeriodTooLarge', 'adminUtils.sudoSetCommitRevealWeightsInterval', [NETUID, 101]],
    ['RevealPeriodTooSmall', 'adminUtils.sudoSetCommitRevealWeightsInterval', [NETUID, 0]],
    ['InvalidValue', 'adminUtils.sudoSetMechanismCount', [NETUID, 3]],
    ['TooManyUIDsPerMechanism', 'adminUtils.sudoSetMechanismCount', [NETUID, 2]],
  ])('out of bounds are refused as %s', async (name, method, args) => {
    await root(method, ...args);
    const [result] = (await eventOf('sudo.Sudid')) as readonly { asErr: Parameters<typeof errorName>[1] }[];
    expect(errorName(bench.api, result?.asErr)).toBe(`subtensorModule.${name}`);
  });
});

describe('the owner of a subnet', () => {
  beforeAll(async () => {
    await root('adminUtils.sudoSetTempo', NETUID, 30);
  });

  test('calls an epoch for after the freeze window, once', async () => {
    const trigger = call('subtensorModule.triggerEpoch', NETUID);
    expect((await send(trigger, '//Bob')).error).toBe('BadOrigin');
    expect((await send(trigger)).events).toContain('subtensorModule.EpochTriggered');
    const { number } = bench.net.head();
    expect(await storedJson(bench.api, 'subtensorModule.pendingEpochAt', NETUID)).toBe(number + 10);
    expect((await send(trigger)).error).toBe('subtensorModule.EpochTriggerAlreadyPending');
    await build(9);
    expect(await storedJson(bench.api, 'subtensorModule.lastEpochBlock', NETUID)).toBe(number + 10);
    await build(20);
    expect((await send(trigger)).error).toBe('subtensorModule.AutoEpochAlreadyImminent');
  });

  test('calls none while commits wait for theirs', async () => {
    await root('adminUtils.sudoSetCommitRevealWeightsEnabled', NETUID, true);
    expect((await send(call('subtensorModule.triggerEpoch', NETUID))).error).toBe(
      'subtensorModule.DynamicTempoBlockedByCommitReveal',
    );
    await root('adminUtils.sudoSetCommitRevealWeightsEnabled', NETUID, false);
  });

  test('sets its tempo within bounds, and not again before the shortest tempo is over', async () => {
    await root('adminUtils.sudoSetTempo', NETUID, 100);
    const tempo = (blocks: number) => call('subtensorModule.setTempo', NETUID, blocks);
    expect((await send(tempo(359))).error).toBe('subtensorModule.TempoOutOfBounds');
    expect((await send(tempo(50_401))).error).toBe('subtensorModule.TempoOutOfBounds');
    expect((await send(tempo(400))).error).toBeNull();
    expect(await storedJson(bench.api, 'subtensorModule.lastEpochBlock', NETUID)).toBe(bench.net.head().number);
    expect((await send(tempo(401))).error).toBe('subtensorModule.TxRateLimitExceeded');
    expect((await send(call('subtensorModule.setActivityCutoffFactor', NETUID, 999))).error).toBe(
      'subtensorModule.ActivityCutoffFactorMilliOutOfBounds',
    );
  });
});

test('of a mechanism that came later a neuron has its registration as its last update, too', async () => {
  await root('adminUtils.sudoSetMaxAllowedUids', NETUID, 16);
  await root('adminUtils.sudoSetMechanismCount', NETUID, 2);
  const eve = bench.key('//Eve');
  await send(call('subtensorModule.burnedRegister', NETUID, eve.address), '//Eve');
  const { number } = bench.net.head();
  expect(await storedJson(bench.api, 'subtensorModule.lastUpdate', 4096 + NETUID)).toEqual([0, 0, number]);
});
