import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Keyring } from '@polkadot/keyring';
import { type ChainClient, connectChain } from '../../../adapters/chain/client.ts';
import { vectorHash } from '../../../adapters/chain/commit-reveal.ts';
import { type Devnet, startDevnet } from '../../../devnet/chain/start.ts';
import { QUICKNET } from '../../../domain/timelock/quicknet.ts';
import { hotkey, netuid } from '../../../domain/units.ts';

let devnet: Devnet;
let chain: ChainClient;

beforeAll(async () => {
  devnet = await startDevnet({
    folder: null,
    port: 0,
    blockTimeMs: 'gated',
    nominalBlockTimeMs: 12_000,
    subnet: { tempo: 30, commitReveal: true, revealPeriodEpochs: 2 },
  });
  chain = await connectChain({ endpoints: [devnet.url] });
}, 60_000);

afterAll(async () => {
  await chain?.close();
  await devnet?.close();
});

test('the hash of a vector is what a real runtime accepted', () => {
  const committer = new Keyring({ type: 'sr25519', ss58Format: 42 }).addFromUri('//T0//hot');
  const hash = vectorHash(chain.runtime, {
    hotkey: hotkey(committer.address),
    netuid: netuid(2),
    mecid: 0,
    uids: [1, 2, 3],
    values: [10, 20, 30],
    salt: [11, 22, 33, 44, 55, 66, 77, 88],
    versionKey: '7',
  });
  expect(hash).toBe('0x56fe5bd0faeb3733b3070b5634fb7ae54fcb9c4083c32c294c9a59b038816853');
});

test('the state of commit-reveal is read at a block, with the epoch of what is sent next', async () => {
  const alice = hotkey('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY');
  const before = await chain.commitReveal(netuid(1), 0, alice);
  expect(before).toMatchObject({ enabled: true, period: 2, tempo: 30, hashes: [], timelocks: [] });
  const next = before.nextEpoch ?? 0;
  while (devnet.head().number < next - 1) await devnet.buildBlock();
  const due = await chain.commitReveal(netuid(1), 0, alice);
  expect(due).toMatchObject({ block: next - 1, epoch: before.epoch + 1, nextEpoch: next });
  await devnet.buildBlock();
  expect(await chain.commitReveal(netuid(1), 0, alice)).toMatchObject({
    epoch: before.epoch + 1,
    nextEpoch: next + 30,
  });
});

test('the terms of a timelock come from the chain, which has a beacon of its own', async () => {
  const { beacon, version, lastStoredRound, nowMs } = await chain.timelockTerms((await chain.head()).hash);
  expect(beacon.publicKey).toHaveLength(96);
  expect(beacon.publicKey).not.toEqual(QUICKNET.publicKey);
  expect(beacon.periodS).toBe(3);
  expect(version).toBe(4);
  expect(lastStoredRound).toBeGreaterThan(0);
  expect(nowMs).toBeGreaterThan(beacon.genesisS * 1000);
});
