import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { judge, locate, type WriteInProgress } from '../../../activities/chain/confirm.ts';
import { type ChainClient, connectChain } from '../../../adapters/chain/client.ts';
import { signExtrinsic } from '../../../adapters/chain/extrinsic.ts';
import { type Signer, signerFromSecret } from '../../../adapters/wallet/signer.ts';
import { type Devnet, startDevnet } from '../../../devnet/chain/start.ts';
import { netuid, uid } from '../../../domain/units.ts';

const one = netuid(1);
/** The chain is gated, so that a watch ends by this alone. */
const poolAnswerMs = 1_000;
let devnet: Devnet;
let chain: ChainClient;
let alice: Signer;
let bob: Signer;
beforeAll(async () => {
  devnet = await startDevnet({
    folder: null,
    port: 0,
    blockTimeMs: 'gated',
    salt: 'confirm',
    defaultNeurons: false,
    subnet: { weightsRateLimit: 0 },
    neurons: [
      { account: '//Alice', role: 'validator' },
      { account: '//Bob', role: 'miner' },
    ],
  });
  chain = await connectChain({ endpoints: [devnet.url] });
  alice = await signerFromSecret('//Alice', 'alice');
  bob = await signerFromSecret('//Bob', 'bob');
}, 60_000);
afterAll(async () => {
  await chain?.close();
  await devnet?.close();
});

/** Sends a vector and says what the pool said, and how the write ended. */
async function sent(signer: Signer, shown: readonly number[] = [1, 2]) {
  const birth = await chain.head();
  const nonce = await chain.nextNonce(signer.hotkey);
  const weights = { kind: 'set_weights', netuid: one, mecid: 0, versionKey: '0' } as const;
  const envelope = { genesis: chain.genesis, nonce, birth, eraBlocks: 16 };
  const uids = [uid(0), uid(1)];
  const { bytes, hash } = signExtrinsic(chain.runtime, signer, { ...weights, uids, values: [1, 2] }, envelope);
  const pool = await chain.submit(bytes, AbortSignal.timeout(poolAnswerMs));
  await devnet.buildBlock();
  const write: WriteInProgress = {
    hotkey: signer.hotkey,
    call: { ...weights, period: birth.number, weights: [] },
    signed: { bytes, hash, nonce, birth, eraBlocks: 16, uids, values: shown, dropped: [] },
  };
  const found = await locate(chain, write.signed, (await chain.head()).number);
  if (found === null) throw new Error('it is in no block');
  return { pool: pool.kind, confirmation: await judge(chain, write, found) };
}

test('a write that the pool took and the chain refused is a failure, and no success for being in a block', async () => {
  const { pool, confirmation } = await sent(bob);
  expect(pool).toBe('pool');
  expect(confirmation).toMatchObject({
    kind: 'included',
    failure: { code: 'OST_CHAIN_NO_PERMIT' },
  });
  expect(await chain.weights(one, uid(1), 0)).toEqual([]);
});

test('a write whose effect the chain does not show is a failure as well, and one that it shows is none', async () => {
  expect((await sent(alice, [2, 1])).confirmation).toMatchObject({ kind: 'included', failure: expect.anything() });
  expect((await sent(alice)).confirmation).toMatchObject({ kind: 'included', failure: null });
});
