import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { asRoot, type Bench, called, customError, include, refusalOf, startBench, storedJson, tx } from './support.ts';

const NETUID = 1;
let bench: Bench;

beforeEach(async () => {
  bench = await startBench({ subnet: { servingRateLimit: 5, immunityPeriod: 3, burnRao: 1_000_000_000n } });
});
afterEach(async () => {
  await bench.close();
});

const register = (hotkey: string, coldkey: string, netuid = NETUID) =>
  include(
    bench,
    tx(bench.api, 'subtensorModule.burnedRegister', netuid, bench.key(hotkey).address),
    bench.key(coldkey),
  );
const axon = (ip: number | bigint, port = 8091, type = 4) =>
  tx(bench.api, 'subtensorModule.serveAxon', NETUID, 1, ip, port, type, 4, 0, 0);
const commit = (fields: readonly unknown[], netuid = NETUID) =>
  tx(bench.api, 'commitments.setCommitment', netuid, { fields });

describe('burned_register', () => {
  test('gives the hotkey the next uid, paid by the coldkey', async () => {
    const result = await register('//Hot', '//Charlie');
    expect(result.error).toBeNull();
    expect(result.events).toContain('subtensorModule.NeuronRegistered');
    const hot = bench.key('//Hot').address;
    const { number } = bench.net.head();
    expect(await storedJson(bench.api, 'subtensorModule.uids', NETUID, hot)).toBe(2);
    expect(await storedJson(bench.api, 'subtensorModule.keys', NETUID, 2)).toBe(hot);
    expect(await storedJson(bench.api, 'subtensorModule.owner', hot)).toBe(bench.key('//Charlie').address);
    expect(await storedJson(bench.api, 'subtensorModule.lastUpdate', NETUID)).toEqual([0, 0, number]);
    expect(await storedJson(bench.api, 'subtensorModule.blockAtRegistration', NETUID, 2)).toBe(number);
    const charlie = Object(await storedJson(bench.api, 'system.account', bench.key('//Charlie').address)) as {
      readonly data: { readonly free: number };
    };
    expect(charlie.data.free).toBeLessThan(999_999_100_000_000);
  });

  test('gets dearer with each registration and cheaper with time', async () => {
    const price = async () => Number(await storedJson(bench.api, 'subtensorModule.burn', NETUID));
    const before = await price();
    await register('//Hot', '//Charlie');
    const after = await price();
    expect(after).toBeGreaterThan(before * 1.2);
    await bench.net.buildBlock();
    expect(await price()).toBeLessThan(after);
  });

  test('is refused as the chain does', async () => {
    expect((await register('//Bob', '//Bob')).error).toBe('subtensorModule.HotKeyAlreadyRegisteredInSubNet');
    expect((await register('//Hot', '//Charlie', 0)).error).toBe(
      'subtensorModule.RegistrationNotPermittedOnRootSubnet',
    );
    expect((await register('//Hot', '//Charlie', 9)).error).toBe('subtensorModule.SubnetNotExists');
    await include(
      bench,
      tx(bench.api, 'balances.transferKeepAlive', bench.key('//Poor').address, 1_000_000n),
      bench.key('//Alice'),
    );
    expect((await register('//Hot', '//Poor')).error).toBe('subtensorModule.NotEnoughBalanceToStake');
    await asRoot(bench, tx(bench.api, 'adminUtils.sudoSetNetworkRegistrationAllowed', NETUID, false));
    expect((await register('//Hot', '//Charlie')).error).toBe('subtensorModule.SubNetRegistrationDisabled');
  });

  test('on a full subnet takes the place of the oldest neuron that may go, with all that it had', async () => {
    await register('//Hot', '//Charlie');
    await include(bench, axon(0x0a000001), bench.key('//Hot'));
    await include(bench, commit([{ Raw2: '0x0102' }]), bench.key('//Hot'));
    await include(bench, tx(bench.api, 'subtensorModule.setWeights', NETUID, [1, 2], [1, 1], 0), bench.key('//Alice'));
    await asRoot(bench, tx(bench.api, 'adminUtils.sudoSetMaxAllowedUids', NETUID, 3));
    const immune = await register('//Next', '//Dave');
    expect(immune.error).toBeNull(); // //Bob at uid 1 is older than //Hot
    expect(await storedJson(bench.api, 'subtensorModule.uids', NETUID, bench.key('//Bob').address)).toBeNull();
    expect(await storedJson(bench.api, 'subtensorModule.weights', NETUID, 0)).toEqual([
      [1, 0],
      [2, 65535],
    ]);
    expect((await register('//Another', '//Dave')).error).toBeNull();
    const hot = bench.key('//Hot').address;
    expect(await storedJson(bench.api, 'subtensorModule.keys', NETUID, 2)).toBe(bench.key('//Another').address);
    expect(await storedJson(bench.api, 'subtensorModule.axons', NETUID, hot)).toBeNull();
    // A commitment stays: a reader has to join it with the registrations.
    expect(await storedJson(bench.api, 'commitments.commitmentOf', NETUID, hot)).not.toBeNull();
    // Now the newcomers are immune and the owner's hotkey never goes.
    expect((await register('//OneMore', '//Dave')).error).toBe('subtensorModule.NoNeuronIdAvailable');
  });

  test('keeps a hotkey with the coldkey that registered it first', async () => {
    await register('//Hot', '//Charlie');
    await asRoot(bench, tx(bench.api, 'adminUtils.sudoSetMaxAllowedUids', NETUID, 2));
    for (let built = 0; built < 3; built++) await bench.net.buildBlock();
    expect((await register('//Bob', '//Charlie')).error).toBe('subtensorModule.HotKeyAlreadyRegisteredInSubNet');
    expect((await register('//Other', '//Dave')).error).toBeNull(); // in the place of //Bob
    expect((await register('//Bob', '//Charlie')).error).toBe('subtensorModule.NonAssociatedColdKey');
  });
});

describe('serve_axon', () => {
  test('publishes the endpoint with the block it was served in', async () => {
    expect((await include(bench, axon(0x7f000002), bench.key('//Bob'))).events).toContain('subtensorModule.AxonServed');
    expect(await storedJson(bench.api, 'subtensorModule.axons', NETUID, bench.key('//Bob').address)).toEqual({
      block: bench.net.head().number,
      version: 1,
      ip: 0x7f000002,
      port: 8091,
      ipType: 4,
      protocol: 4,
      placeholder1: 0,
      placeholder2: 0,
    });
  });

  test.each([
    [10, 'a stranger', '//Stranger', () => axon(0x0a000001)],
    [255, 'an unknown address type', '//Bob', () => axon(0x0a000001, 80, 5)],
    [11, 'the loopback address', '//Bob', () => axon(0x7f000001)],
    [11, 'the last address', '//Bob', () => axon(0xffffffff)],
    [11, 'the loopback address of version 6', '//Bob', () => axon(1, 80, 6)],
    [13, 'port 0', '//Bob', () => axon(0x0a000001, 0)],
  ] as const)('is refused with custom error %s for %s', async (code, _, who, call) => {
    expect(await refusalOf(bench, call(), bench.key(who))).toEqual(customError(code));
  });

  test('is refused with custom error 12 until its rate limit has passed', async () => {
    await include(bench, axon(0x7f000002), bench.key('//Bob'));
    for (let built = 0; built < 4; built++) {
      expect(await refusalOf(bench, axon(0x7f000003), bench.key('//Bob'))).toEqual(customError(12));
      await bench.net.buildBlock();
    }
    expect((await include(bench, axon(0x7f000003), bench.key('//Bob'))).error).toBeNull();
  });
});

describe('set_commitment', () => {
  test('replaces what the hotkey had committed, and old blocks still tell the former', async () => {
    const { api, net } = bench;
    const bob = bench.key('//Bob').address;
    await include(bench, commit([{ Raw3: '0x616263' }]), bench.key('//Bob'));
    const first = net.head();
    const second = await include(
      bench,
      commit([{ Sha256: `0x${'07'.repeat(32)}` }, { BigRaw: `0x${'08'.repeat(300)}` }]),
      bench.key('//Bob'),
    );
    expect(second.events).toContain('commitments.Commitment');
    expect(await storedJson(api, 'commitments.commitmentOf', NETUID, bob)).toMatchObject({
      block: net.head().number,
      info: { fields: [{ sha256: `0x${'07'.repeat(32)}` }, { bigRaw: `0x${'08'.repeat(300)}` }] },
    });
    const former = await (await api.at(first.hash)).query['commitments']?.['commitmentOf']?.(NETUID, bob);
    expect(former?.toJSON()).toMatchObject({ block: first.number, info: { fields: [{ raw3: '0x616263' }] } });
    expect(await storedJson(api, 'commitments.lastCommitment', NETUID, bob)).toBe(net.head().number);
  });

  test('is for registered hotkeys of that subnet alone', async () => {
    expect((await include(bench, commit([]), bench.key('//Stranger'))).error).toBe(
      'commitments.AccountNotAllowedCommit',
    );
    expect((await include(bench, commit([], 9), bench.key('//Bob'))).error).toBe('commitments.AccountNotAllowedCommit');
  });

  test('with more than three fields does not even decode', async () => {
    const many = commit([{ Raw0: '0x' }, { Raw0: '0x' }, { Raw0: '0x' }, { Raw0: '0x' }]);
    expect(await refusalOf(bench, many, bench.key('//Bob'))).toMatchObject({ code: 1002 });
  });

  test('spends the space of the epoch, at least 100 bytes a time, and gets it back with the next epoch', async () => {
    await asRoot(bench, tx(bench.api, 'commitments.setMaxSpace', 250));
    const short = () => include(bench, commit([{ Raw1: '0x01' }]), bench.key('//Bob'));
    expect([(await short()).error, (await short()).error, (await short()).error]).toEqual([
      null,
      null,
      'commitments.SpaceLimitExceeded',
    ]);
    expect(await storedJson(bench.api, 'commitments.usedSpaceOf', NETUID, bench.key('//Bob').address)).toEqual({
      lastEpoch: 0,
      usedSpace: 200,
    });
    await asRoot(bench, tx(bench.api, 'adminUtils.sudoSetTempo', NETUID, 2));
    for (let built = 0; built < 3; built++) await bench.net.buildBlock();
    expect((await short()).error).toBeNull();
  });
});

describe('an epoch', () => {
  test('comes every tempo blocks and is announced by the chain', async () => {
    await asRoot(bench, tx(bench.api, 'adminUtils.sudoSetTempo', NETUID, 4));
    const set = bench.net.head().number;
    expect(await called(bench.api, 'subnetInfoRuntimeApi.getNextEpochStartBlock', NETUID)).toBe(set + 4);
    const seen: unknown[] = [];
    for (let built = 0; built < 8; built++) {
      await bench.net.buildBlock();
      seen.push([
        await storedJson(bench.api, 'subtensorModule.subnetEpochIndex', NETUID),
        await storedJson(bench.api, 'subtensorModule.blocksSinceLastStep', NETUID),
        Number(await storedJson(bench.api, 'subtensorModule.lastEpochBlock', NETUID)) - set,
      ]);
    }
    expect(seen.map((each) => Object(each)[0])).toEqual([0, 0, 0, 1, 1, 1, 1, 2]);
    expect(seen.slice(3)).toEqual([
      [1, 0, 4],
      [1, 1, 4],
      [1, 2, 4],
      [1, 3, 4],
      [2, 0, 8],
    ]);
  });

  test('gives permits by stake and incentive by weights', async () => {
    await bench.close();
    bench = await startBench({
      subnet: { tempo: 6, weightsRateLimit: 0, maxAllowedValidators: 1 },
      neurons: [
        { account: '//Rich', role: 'validator', stakeRao: 50_000_000_000_000n, permit: false },
        { account: '//Poorer', role: 'validator', stakeRao: 1n },
      ],
    });
    const weigh = (uids: readonly number[], values: readonly number[]) =>
      tx(bench.api, 'subtensorModule.setWeights', NETUID, uids, values, 0);
    expect((await include(bench, weigh([1], [1]), bench.key('//Rich'))).error).toBe(
      'subtensorModule.NeuronNoValidatorPermit',
    );
    await include(bench, weigh([1, 3], [3, 1]), bench.key('//Alice'));
    while (bench.net.head().number < 6) await bench.net.buildBlock();
    // One permit for the richest, and the owner's own.
    expect(await storedJson(bench.api, 'subtensorModule.validatorPermit', NETUID)).toEqual([true, false, true, false]);
    expect((await include(bench, weigh([1, 3], [1, 1]), bench.key('//Rich'))).error).toBeNull();
    while (bench.net.head().number < 12) await bench.net.buildBlock();
    // Stakes 1:5, rows (3/4, 1/4) and (1/2, 1/2): what the lesser gave above 1/2 is clipped.
    expect(await storedJson(bench.api, 'subtensorModule.incentive', NETUID)).toEqual([0, 34192, 0, 31343]);
  });
});
