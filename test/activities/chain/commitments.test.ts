import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createChainActivities } from '../../../activities/chain/activities.ts';
import { type ChainClient, connectChain } from '../../../adapters/chain/client.ts';
import { type Devnet, startDevnet } from '../../../devnet/chain/start.ts';
import { blocks, netuid } from '../../../domain/units.ts';
import { type RpcProxy, startProxy } from '../../adapters/chain/proxy.ts';

let devnet: Devnet;
let lite: RpcProxy;
let alone: ChainClient;
let backed: ChainClient;

beforeAll(async () => {
  devnet = await startDevnet({ folder: null, port: 0, blockTimeMs: 'gated' });
  for (let i = 0; i < 4; i++) await devnet.buildBlock();
  lite = await startProxy(devnet.url);
  alone = await connectChain({ endpoints: [lite.url] });
  backed = await connectChain({ endpoints: [lite.url], archiveEndpoints: [devnet.url] });
  const old = await alone.blockHash(2);
  lite.instead = (method, params) =>
    method.startsWith('state_') && params.includes(old) ? new Error(`State already discarded for ${old}`) : undefined;
}, 60_000);

afterAll(async () => {
  await alone?.close();
  await backed?.close();
  await lite?.close();
  await devnet?.close();
});

const input = { netuid: netuid(1), block: blocks(2) };

test('commitments whose state every endpoint has pruned are unknown, and not empty', async () => {
  const { readCommitments } = createChainActivities({ chain: alone });
  expect(await readCommitments(input)).toMatchObject({ kind: 'unknown', reason: 'state_pruned' });
  expect(await readCommitments({ ...input, block: blocks(4) })).toEqual({ kind: 'ok', value: [] });
});

test('commitments that a plain node has pruned come from the archive', async () => {
  const { readCommitments } = createChainActivities({ chain: backed });
  expect(await readCommitments(input)).toEqual({ kind: 'ok', value: [] });
});
