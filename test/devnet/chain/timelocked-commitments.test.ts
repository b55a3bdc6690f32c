import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { hexToU8a, u8aToHex } from '@polkadot/util';
import { hyperparameters } from '../../../devnet/chain/declaration/pallets/subtensor-hyperparameters.ts';
import { neurons } from '../../../devnet/chain/declaration/pallets/subtensor-neurons.ts';
import { loadTimelock } from '../../../devnet/chain/runtime/timelock.ts';
import { encode } from '../../../devnet/chain/scale/codec.ts';
import { type Bench, include, setStorage, startBench, storedJson, tx } from './support.ts';

const NETUID = 1;
const timelock = loadTimelock();
let bench: Bench;
let bob: string;

beforeEach(async () => {
  bench = await startBench({ nominalBlockTimeMs: 12_000 });
  bob = bench.key('//Bob').address;
  await bench.net.buildBlock();
});
afterEach(async () => {
  await bench.close();
});

const commit = (fields: readonly unknown[]) =>
  include(bench, tx(bench.api, 'commitments.setCommitment', NETUID, { fields }), bench.key('//Bob'));
const lastRound = async () => BigInt(String(await storedJson(bench.api, 'drand.lastStoredRound')));
const read = (item: string) => storedJson(bench.api, `commitments.${item}`, NETUID, bob);

/** A field that opens so many blocks from now; four rounds come with each. */
async function locked(text: string, blocks: number) {
  const { publicKey } = (await storedJson(bench.api, 'drand.beaconConfig')) as { publicKey: string };
  const round = (await lastRound()) + BigInt(blocks * 4);
  const key = crypto.getRandomValues(new Uint8Array(32));
  const encrypted = timelock.seal(new TextEncoder().encode(text), round, hexToU8a(publicKey), key);
  return { TimelockEncrypted: { encrypted: u8aToHex(encrypted), revealRound: round } };
}
const hex = (text: string) => `0x${Buffer.from(text).toString('hex')}`;

test('a timelocked field opens when its round has come, and the others of its commitment stay', async () => {
  const result = await commit([{ Raw2: '0x0102' }, await locked('later', 3)]);
  expect(result.events).toContain('commitments.TimelockCommitment');
  expect(await storedJson(bench.api, 'commitments.timelockedIndex')).toEqual([[NETUID, bob]]);
  for (let built = 0; built < 2; built++) {
    await bench.net.buildBlock();
    expect(await read('revealedCommitments')).toBeNull();
  }
  // Its pulse has come with the last block's extrinsics, and the start of the next one finds it.
  const { number } = await bench.net.buildBlock();
  expect(await read('revealedCommitments')).toEqual([[hex('later'), number]]);
  expect(await read('commitmentOf')).toMatchObject({ info: { fields: [{ raw2: '0x0102' }] } });
  expect(await storedJson(bench.api, 'commitments.timelockedIndex')).toEqual([]);
});

test('a commitment of which nothing is left goes, and the last ten openings are kept', async () => {
  for (let made = 0; made < 12; made++) {
    await commit([await locked(`text ${made}`, 1)]);
    await bench.net.buildBlock();
    await bench.net.buildBlock();
    expect(await read('commitmentOf')).toBeNull();
  }
  const revealed = (await read('revealedCommitments')) as [string, number][];
  expect(revealed.map(([text]) => text)).toEqual(Array.from({ length: 10 }, (_, at) => hex(`text ${at + 2}`)));
});

test('a field that does not open is dropped without a word', async () => {
  await commit([{ TimelockEncrypted: { encrypted: '0x0102', revealRound: await lastRound() } }, { Raw0: '0x' }]);
  await bench.net.buildBlock();
  expect(await read('commitmentOf')).toMatchObject({ info: { fields: [{ raw0: '0x' }] } });
  expect(await read('revealedCommitments')).toBeNull();
});

test('a new commitment replaces what was to be opened', async () => {
  await commit([await locked('never', 2)]);
  await commit([{ Raw1: '0x05' }]);
  expect(await storedJson(bench.api, 'commitments.timelockedIndex')).toEqual([]);
  for (let built = 0; built < 4; built++) await bench.net.buildBlock();
  expect(await read('revealedCommitments')).toBeNull();
});

test('costs as much space as its bytes; the flag that resets bonds costs what the least does', async () => {
  const field = await locked('x'.repeat(400), 9);
  await commit([field]);
  const bytes = (field.TimelockEncrypted.encrypted.length - 2) / 2;
  expect(await read('usedSpaceOf')).toMatchObject({ usedSpace: bytes });
  await commit([{ ResetBondsFlag: null }]);
  expect(await read('usedSpaceOf')).toMatchObject({ usedSpace: bytes + 100 });
});

test('the flag that resets bonds takes them away where the subnet has that switched on', async () => {
  const bonds = u8aToHex(
    encode(neurons.bonds.value, [
      [0, 7],
      [1, 9],
    ] as const),
  );
  await setStorage(bench, neurons.bonds.key(NETUID, 0), bonds);
  await commit([{ ResetBondsFlag: null }]);
  expect(await storedJson(bench.api, 'subtensorModule.bonds', NETUID, 0)).toEqual([
    [0, 7],
    [1, 9],
  ]);
  await setStorage(bench, hyperparameters.bondsResetOn.key(NETUID), '0x01');
  await commit([{ ResetBondsFlag: null }]);
  expect(await storedJson(bench.api, 'subtensorModule.bonds', NETUID, 0)).toEqual([[0, 7]]);
  expect(await read('lastBondsReset')).toBe(bench.net.head().number);
});

test('with a field longer than its kind may be makes the runtime trap', async () => {
  await expect(commit([{ BigRaw: `0x${'00'.repeat(513)}` }])).rejects.toMatchObject({ code: 1002 });
  await expect(
    commit([{ TimelockEncrypted: { encrypted: `0x${'00'.repeat(1025)}`, revealRound: 1 } }]),
  ).rejects.toMatchObject({ code: 1002 });
  expect((await commit([{ BigRaw: `0x${'00'.repeat(512)}` }])).error).toBeNull();
});
