import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type ChainClient, connectChain } from '../../../adapters/chain/client.ts';
import { signExtrinsic } from '../../../adapters/chain/extrinsic.ts';
import { loadSigner } from '../../../adapters/wallet/load.ts';
import type { Signer } from '../../../adapters/wallet/signer.ts';
import { type Devnet, type SubnetOptions, startDevnet } from '../../../devnet/chain/start.ts';
import { classify } from '../../../domain/chain-failure.ts';
import {
  heartbeatCommit,
  minerHashCommit,
  signatureCommit,
  validatorHashCommit,
} from '../../../domain/commit-payload.ts';
import { type PhaseName, phaseAt, schedules } from '../../../domain/phases.ts';
import { netuid } from '../../../domain/units.ts';

const one = netuid(1);

interface Chain {
  readonly devnet: Devnet;
  readonly client: ChainClient;
  /** Has texts of one hotkey in the next block; the name of the error of each, null for none. */
  commit(signer: Signer, ...texts: readonly string[]): Promise<readonly (string | null)[]>;
  close(): Promise<void>;
}

async function openChain(subnet: SubnetOptions): Promise<Chain> {
  const devnet = await startDevnet({ folder: null, port: 0, blockTimeMs: 'gated', subnet });
  const client = await connectChain({ endpoints: [devnet.url] });
  const send = async (signer: Signer, text: string, nonce: number) => {
    const envelope = { genesis: client.genesis, nonce, birth: await client.head(), eraBlocks: 16 };
    const { bytes } = signExtrinsic(client.runtime, signer, { kind: 'set_commitment', netuid: one, text }, envelope);
    await client.submit(bytes, AbortSignal.timeout(50));
    return bytes;
  };
  return {
    devnet,
    client,
    commit: async (signer, ...texts) => {
      const first = await client.nextNonce(signer.hotkey);
      const sent = await Promise.all(texts.map((text, index) => send(signer, text, first + index)));
      await devnet.buildBlock();
      const { hash } = await client.head();
      const { extrinsics } = await client.body(hash);
      return Promise.all(
        sent.map(async (bytes) => {
          const index = extrinsics.indexOf(bytes);
          return index < 0 ? 'in no block' : client.dispatchError(hash, index);
        }),
      );
    },
    close: async () => {
      await client.close();
      await devnet.close();
    },
  };
}

let alice: Signer;
let bob: Signer;

beforeAll(async () => {
  alice = await loadSigner({ kind: 'uri', uri: '//Alice' });
  bob = await loadSigner({ kind: 'uri', uri: '//Bob' });
});

describe('the room for commitments of one epoch', () => {
  let chain: Chain;
  beforeAll(async () => {
    chain = await openChain({ tempo: 12, commitmentSpaceBytes: 250 });
  });
  afterAll(() => chain?.close());

  test('is full at the third short one, is told with the block at which it is free again, and is free then', async () => {
    const { client, devnet, commit } = chain;
    expect(await client.commitmentSpace(one, bob.hotkey)).toEqual({ used: 0, max: 250 });
    const [first, second, third] = await commit(bob, 'one', 'two', 'three');
    expect([first, second, third]).toEqual([null, null, 'Commitments.SpaceLimitExceeded']);
    expect(await client.commitmentSpace(one, bob.hotkey)).toEqual({ used: 200, max: 250 });
    // Everybody has room of his own.
    expect(await client.commitmentSpace(one, alice.hotkey)).toEqual({ used: 0, max: 250 });

    const allowedAt = await client.commitmentAllowedAt(one, bob.hotkey);
    const failure = classify(
      { kind: 'dispatch', name: third ?? '' },
      { call: 'set_commitment', poolCodes: client.capabilities.poolCodes, eraPassed: false, allowedAt },
    );
    expect(failure).toEqual({
      class: 'retry_at',
      code: 'OST_CHAIN_COMMITMENT_TOO_FAST',
      detail: 'Commitments.SpaceLimitExceeded',
      block: await client.nextEpochStart(one),
    });

    while ((await client.head()).number < (allowedAt ?? 0) - 2) await devnet.buildBlock();
    expect(await commit(bob, 'a block too early')).toEqual(['Commitments.SpaceLimitExceeded']);
    expect(await commit(bob, 'in the first block of the epoch')).toEqual([null]);
    expect((await client.head()).number).toBe(allowedAt);
    expect(await client.commitmentSpace(one, bob.hotkey)).toEqual({ used: 100, max: 250 });
  });

  test('is what it was at a block of the past', async () => {
    const { client } = chain;
    const { number } = await client.head();
    const before = await client.blockHash(number - 1);
    expect(await client.commitmentSpace(one, bob.hotkey, before)).toEqual({ used: 200, max: 250 });
  });
});

describe('the schedule of the demo', () => {
  let chain: Chain;
  beforeAll(async () => {
    chain = await openChain({});
  });
  afterAll(() => chain?.close());

  const modelHash = '2ff50b0a9fa15db290be56b00ccad6dd7d53b7342a00d103';
  const model = { modelHash, version: 2_150_493, group: 0 };
  const signature = signatureCommit('A'.repeat(86));
  const texts: Readonly<Partial<Record<PhaseName, readonly (readonly ['validator' | 'miner', string])[]>>> = {
    MinerCommit1: [
      ['validator', heartbeatCommit({ ...model, seed: 4_000_000_000 })],
      ['miner', signature],
    ],
    MinerCommit2: [['miner', minerHashCommit(model)]],
    ValidatorCommit1: [['validator', signature]],
    ValidatorCommit2: [['validator', validatorHashCommit(model)]],
  };

  test('keeps to the room of an epoch, validator and miner alike', async () => {
    const { client, commit, devnet } = chain;
    const { tempo } = await client.snapshot(one);
    let fullest = 0;
    for (let block = 1; block <= 2 * tempo; block++) {
      const { phase, blocksInto } = phaseAt(schedules.demo, block);
      const due = blocksInto === 0 ? (texts[phase] ?? []) : [];
      // One block holds what is due in it: the last of them builds it.
      const [first, second] = due;
      if (first === undefined) await devnet.buildBlock();
      else {
        expect(await commit(first[0] === 'validator' ? alice : bob, first[1])).toEqual([null]);
        if (second !== undefined) {
          block++;
          expect(await commit(second[0] === 'validator' ? alice : bob, second[1])).toEqual([null]);
        }
        const used = await Promise.all([alice, bob].map(({ hotkey }) => client.commitmentSpace(one, hotkey)));
        fullest = Math.max(fullest, ...used.map((space) => space?.used ?? 0));
      }
    }
    const { max } = (await client.commitmentSpace(one, alice.hotkey)) ?? { max: 0 };
    expect(max).toBe(3_100);
    // Three by the validator in each of five or six cycles, 100 bytes each.
    expect(fullest).toBeGreaterThanOrEqual(1_500);
    expect(fullest).toBeLessThanOrEqual(max);
  });
});
