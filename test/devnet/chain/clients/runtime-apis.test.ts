import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { u8aConcat, u8aToHex } from '@polkadot/util';
import { hyperparameters } from '../../../../devnet/chain/declaration/pallets/subtensor-hyperparameters.ts';
import { neurons } from '../../../../devnet/chain/declaration/pallets/subtensor-neurons.ts';
import { subnet } from '../../../../devnet/chain/declaration/pallets/subtensor-subnet.ts';
import { declareRuntime } from '../../../../devnet/chain/declaration/runtime.ts';
import type { StorageEntry } from '../../../../devnet/chain/declaration/storage.ts';
import { encode } from '../../../../devnet/chain/scale/codec.ts';
import { type Bench, called, include, setStorage, startBench, storedJson, tx } from '../support.ts';

/** That what runtime APIs say is what the storage says. */
const NETUID = 1;
const TAO = 1_000_000_000n;
let bench: Bench;

/** A chain for the tests of one group, none of which minds what the others write. */
function onAChain(): void {
  beforeAll(async () => {
    bench = await startBench({ neurons: [{ account: '//Extra', role: 'miner' }] });
  });
  afterAll(async () => {
    await bench.close();
  });
}

const store = <K extends readonly unknown[], V, R>(entry: StorageEntry<K, V, R>, keys: K, value: V) =>
  setStorage(bench, entry.key(...keys), u8aToHex(encode(entry.value, value)));
const ask = (name: string, ...args: unknown[]) => called(bench.api, name, ...args);
const address = (uri: string) => bench.key(uri).address;

describe('the declared runtime APIs', () => {
  test('are all that other clients were seen to call', () => {
    const names = Object.values(declareRuntime().methods).map(({ api, name }) => `${api}_${name}`);
    expect(names).toEqual(
      expect.arrayContaining([
        'Metadata_metadata_at_version',
        'Metadata_metadata_versions',
        'AccountNonceApi_account_nonce',
        'NeuronInfoRuntimeApi_get_neurons_lite',
        'NeuronInfoRuntimeApi_get_neurons',
        'NeuronInfoRuntimeApi_get_neuron',
        'NeuronInfoRuntimeApi_get_neuron_lite',
        'SubnetInfoRuntimeApi_get_subnet_hyperparams_v3',
        'SubnetInfoRuntimeApi_get_next_epoch_start_block',
        'SubnetInfoRuntimeApi_get_subnet_state',
        'SubnetInfoRuntimeApi_get_selective_mechagraph',
        'SubnetInfoRuntimeApi_get_selective_metagraph',
        'SubnetInfoRuntimeApi_get_mechagraph',
        'SubnetInfoRuntimeApi_get_metagraph',
        'SubnetInfoRuntimeApi_get_dynamic_info',
        'SubnetInfoRuntimeApi_get_all_dynamic_info',
        'SubnetInfoRuntimeApi_get_subnet_info_v2',
        'StakeInfoRuntimeApi_get_stake_info_for_coldkey',
        'SwapRuntimeApi_current_alpha_price',
        'SwapRuntimeApi_current_alpha_price_all',
        'TransactionPaymentApi_query_info',
      ]),
    );
  });
});

describe('prices', () => {
  onAChain();

  test('are what the two sides of the pool say, and one on root', async () => {
    await store(subnet.subnetTAO, [NETUID], 3_000n * TAO);
    await store(subnet.subnetAlphaIn, [NETUID], 12_000n * TAO);
    expect(await ask('swapRuntimeApi.currentAlphaPrice', NETUID)).toBe(250_000_000);
    expect(await ask('swapRuntimeApi.currentAlphaPriceAll')).toEqual([
      { netuid: 0, price: 1_000_000_000 },
      { netuid: NETUID, price: 250_000_000 },
    ]);
    expect(await ask('subnetInfoRuntimeApi.getDynamicInfo', NETUID)).toMatchObject({
      taoIn: 3_000_000_000_000,
      alphaIn: 12_000_000_000_000,
    });
  });

  test('of a trade follow the product of the pool', async () => {
    await store(subnet.subnetTAO, [NETUID], 1_000n * TAO);
    await store(subnet.subnetAlphaIn, [NETUID], 1_000n * TAO);
    const bought = await ask('swapRuntimeApi.simSwapTaoForAlpha', NETUID, 1_000n * TAO);
    expect(bought).toMatchObject({ alphaAmount: 500_000_000_000 });
    expect(await ask('swapRuntimeApi.simSwapAlphaForTao', 0, 5n * TAO)).toMatchObject({ taoAmount: 5_000_000_000 });
  });
});

describe('stakes', () => {
  onAChain();

  test('of a coldkey are those of its hotkeys, subnet by subnet', async () => {
    const alice = address('//Alice');
    expect(await ask('stakeInfoRuntimeApi.getStakeInfoForColdkey', alice)).toEqual([
      {
        hotkey: alice,
        coldkey: alice,
        netuid: NETUID,
        stake: 10_000_000_000_000,
        locked: 0,
        emission: 0,
        taoEmission: 0,
        drain: 0,
        isRegistered: true,
      },
    ]);
    const extra = address('//Extra');
    await store(neurons.totalHotkeyAlpha, [u8aToHex(bench.key('//Extra').publicKey), 0], 5n * TAO);
    expect(await ask('stakeInfoRuntimeApi.getStakeInfoForColdkeys', [alice, extra])).toMatchObject([
      [alice, [{ netuid: NETUID }]],
      [extra, [{ netuid: 0, stake: 5_000_000_000 }]],
    ]);
    expect(await ask('stakeInfoRuntimeApi.getStakeInfoForColdkey', address('//Nobody'))).toEqual([]);
    expect(
      await ask('stakeInfoRuntimeApi.getStakeInfoForHotkeyColdkeyNetuid', alice, address('//Bob'), NETUID),
    ).toMatchObject({ stake: 0 });
  });

  test('name everybody who has stake on a hotkey, and show a trade in the pool', async () => {
    const [extra, bob] = [address('//Extra'), address('//Bob')];
    const told = await ask('swapRuntimeApi.simSwapTaoForAlpha', NETUID, 100n * TAO);
    const staked = await include(
      bench,
      tx(bench.api, 'subtensorModule.addStake', extra, NETUID, 100n * TAO),
      bench.key('//Bob'),
    );
    expect(staked.error).toBeNull();
    const { alphaAmount } = Object(told);
    expect(await ask('stakeInfoRuntimeApi.getStakeInfoForColdkey', bob)).toMatchObject([
      { hotkey: extra, coldkey: bob, netuid: NETUID, stake: alphaAmount },
    ]);
    const { nominators } = Object(await ask('delegateInfoRuntimeApi.getDelegate', extra));
    expect(nominators).toContainEqual([bob, [[NETUID, alphaAmount]]]);
    expect(await ask('delegateInfoRuntimeApi.getDelegated', bob)).toMatchObject([
      [{ delegateSs58: extra }, [NETUID, alphaAmount]],
    ]);
    const price = Number(await ask('swapRuntimeApi.currentAlphaPrice', NETUID));
    expect(price).toBeGreaterThan(1_000_000_000);
    const { taoIn, alphaIn } = Object(await ask('subnetInfoRuntimeApi.getDynamicInfo', NETUID));
    expect(price).toBe(Number((BigInt(taoIn) * TAO) / BigInt(alphaIn)));
  });

  test('make delegates of all registered hotkeys', async () => {
    const [alice, bob] = [address('//Alice'), address('//Bob')];
    const delegate = {
      delegateSs58: alice,
      ownerSs58: alice,
      take: 11_796,
      nominators: [[alice, [[NETUID, 10_000_000_000_000]]]],
      registrations: [NETUID],
      validatorPermits: [NETUID],
    };
    expect(await ask('delegateInfoRuntimeApi.getDelegates')).toMatchObject([
      delegate,
      { delegateSs58: bob },
      { delegateSs58: address('//Extra') },
    ]);
    expect(await ask('delegateInfoRuntimeApi.getDelegate', alice)).toMatchObject(delegate);
    expect(await ask('delegateInfoRuntimeApi.getDelegate', address('//Nobody'))).toBeNull();
    expect(await ask('delegateInfoRuntimeApi.getDelegated', alice)).toMatchObject([
      [delegate, [NETUID, 10_000_000_000_000]],
    ]);
  });
});

describe('a subnet', () => {
  onAChain();

  test('tells its settings by name, in the forms of three generations', async () => {
    await store(hyperparameters.revealPeriodEpochs, [NETUID], 3n);
    const entries = (await ask('subnetInfoRuntimeApi.getSubnetHyperparamsV3', NETUID)) as {
      readonly name: string;
      readonly value: unknown;
    }[];
    const byName = new Map(entries.map(({ name, value }) => [Buffer.from(name.slice(2), 'hex').toString(), value]));
    expect(byName.get('commit_reveal_period')).toEqual({ u64: 3 });
    expect(byName.get('commit_reveal_weights_enabled')).toEqual({ bool: false });
    expect(byName.get('min_burn')).toEqual({ taoBalance: 500_000 });
    expect(await ask('subnetInfoRuntimeApi.getSubnetHyperparamsV2', NETUID)).toMatchObject({
      commitRevealPeriod: 3,
      yumaVersion: 2,
      subnetIsActive: true,
      // One, in 32 fractional bits.
      alphaSigmoidSteepness: { bits: 2 ** 32 },
    });
    expect(await ask('subnetInfoRuntimeApi.getSubnetHyperparams', NETUID)).toMatchObject({ commitRevealPeriod: 3 });
    expect(await ask('subnetInfoRuntimeApi.getSubnetHyperparamsV3', 9)).toBeNull();
  });

  test('is listed with root, and one that is not there is null', async () => {
    const info = { netuid: NETUID, subnetworkN: 3, owner: address('//Alice'), tempo: 360 };
    expect(await ask('subnetInfoRuntimeApi.getSubnetInfoV2', NETUID)).toMatchObject({ ...info, identity: null });
    expect(await ask('subnetInfoRuntimeApi.getSubnetInfo', NETUID)).toMatchObject(info);
    for (const method of ['getSubnetsInfo', 'getSubnetsInfoV2', 'getAllDynamicInfo', 'getAllMetagraphs']) {
      expect(await ask(`subnetInfoRuntimeApi.${method}`)).toMatchObject([{ netuid: 0 }, { netuid: NETUID }]);
    }
    for (const method of ['getSubnetInfo', 'getSubnetInfoV2', 'getDynamicInfo', 'getMetagraph', 'getSubnetState']) {
      expect(await ask(`subnetInfoRuntimeApi.${method}`, 9)).toBeNull();
    }
    expect(await ask('subnetInfoRuntimeApi.getSubnetAccountId', 9)).toBeNull();
    const account = u8aToHex(
      u8aConcat(new TextEncoder().encode('modlsubtensr'), Uint8Array.of(NETUID, 0), new Uint8Array(18)),
    );
    expect((await bench.api.call['subnetInfoRuntimeApi']?.['getSubnetAccountId']?.(NETUID))?.toHex()).toBe(account);
  });

  test('has a metagraph for each mechanism, under the index that its storage has', async () => {
    expect(await ask('subnetInfoRuntimeApi.getMechagraph', NETUID, 1)).toBeNull();
    await store(hyperparameters.mechanismCountCurrent, [NETUID], 2);
    await store(neurons.incentive, [4096 + NETUID], [7, 9, 0]);
    const second = {
      netuid: 4096 + NETUID,
      hotkeys: ['//Alice', '//Bob', '//Extra'].map(address),
      incentives: [7, 9, 0],
    };
    expect(await ask('subnetInfoRuntimeApi.getMechagraph', NETUID, 1)).toMatchObject(second);
    expect(await ask('subnetInfoRuntimeApi.getSelectiveMechagraph', NETUID, 1, [52, 62])).toMatchObject(second);
    expect(await ask('subnetInfoRuntimeApi.getMechagraph', NETUID, 2)).toBeNull();
    expect(await ask('subnetInfoRuntimeApi.getAllMechagraphs')).toMatchObject([
      { netuid: 0 },
      { netuid: NETUID },
      { netuid: 4096 + NETUID },
    ]);
  });

  test('shows commitments in its selective metagraph', async () => {
    await include(
      bench,
      tx(bench.api, 'commitments.setCommitment', NETUID, { fields: [{ Raw3: '0x616263' }] }),
      bench.key('//Bob'),
    );
    const selected = Object(await ask('subnetInfoRuntimeApi.getSelectiveMetagraph', NETUID, [73])) as {
      readonly commitments: readonly (readonly [string, readonly number[]])[];
    };
    expect(selected.commitments.map(([who, bytes]) => [who, bytes.slice(-4)])).toEqual([
      [address('//Bob'), [4, 0x61, 0x62, 0x63]],
    ]);
  });
});

describe('fees', () => {
  onAChain();

  test('are told for a signed transaction and for a bare call, and nothing for a free one', async () => {
    const transfer = tx(bench.api, 'balances.transferKeepAlive', address('//Bob'), 1);
    const alice = bench.key('//Alice');
    const before = await storedJson(bench.api, 'system.account', alice.address);
    const signed = await transfer.signAsync(alice, { era: 0, nonce: -1 });
    const info = await transfer.paymentInfo(alice, { era: 0 });
    const encoded = signed.toU8a();
    const size = encoded.length;
    expect(await ask('transactionPaymentCallApi.queryCallInfo', transfer.method, size)).toMatchObject({
      partialFee: info.partialFee.toNumber(),
    });
    const details = await ask('transactionPaymentApi.queryFeeDetails', encoded, size);
    const parts = Object.values(Object(Object(details).inclusionFee)).map(Number);
    expect(parts.reduce((sum, part) => sum + part, 0)).toBe(info.partialFee.toNumber());
    expect(await ask('transactionPaymentApi.queryLengthToFee', 77)).toBe(77);
    expect(await ask('transactionPaymentApi.queryWeightToFee', { refTime: 2_000_000, proofSize: 0 })).toBe(1_000);
    const free = tx(bench.api, 'subtensorModule.setWeights', NETUID, [0], [1], 0);
    expect(await ask('transactionPaymentCallApi.queryCallInfo', free.method, 150)).toMatchObject({ partialFee: 0 });
    expect(await storedJson(bench.api, 'system.account', alice.address)).toEqual(before);
  });
});
