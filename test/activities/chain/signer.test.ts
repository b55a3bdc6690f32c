import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { hexToU8a, stringToU8a } from '@polkadot/util';
import { signatureVerify } from '@polkadot/util-crypto';
import {
  createSignerActivities,
  type PrepareInput,
  type SignerActivities,
} from '../../../activities/signer/activities.ts';
import { decodeExtrinsic } from '../../../adapters/chain/block.ts';
import { type ChainClient, connectChain, publicKeyOf } from '../../../adapters/chain/client.ts';
import { loadSigner } from '../../../adapters/wallet/load.ts';
import { type Devnet, startDevnet } from '../../../devnet/chain/start.ts';
import { chainLabel } from '../../../domain/chain-label.ts';
import { fail } from '../../../domain/errors/error.ts';
import { everybody, type PeerStatement, peerMessageBytes } from '../../../domain/peers/message.ts';
import { decodeSignature } from '../../../domain/signed-message.ts';
import { blocks, hotkey, netuid } from '../../../domain/units.ts';

const alice = hotkey('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY');
const bob = hotkey('5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty');
const stranger = hotkey('5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRzV');
const modelHash = '0123456789abcdef0123456789abcdef0123456789abcdef';

let devnet: Devnet;
let chain: ChainClient;
let activities: SignerActivities;
/** What the protection record was asked for, in order. */
const claimed: unknown[] = [];
let refuse = false;

beforeAll(async () => {
  devnet = await startDevnet({ folder: null, port: 0, blockTimeMs: 'gated' });
  for (let i = 0; i < 10; i++) await devnet.buildBlock();
  chain = await connectChain({ endpoints: [devnet.url] });
  activities = createSignerActivities({
    signer: await loadSigner({ kind: 'uri', uri: '//Alice' }),
    chain,
    protection: {
      claim: async (vector) => {
        if (refuse) throw fail('OST_PROTECTION_CONFLICT', { ...vector });
        claimed.push(vector);
        return 'new';
      },
    },
  });
});

afterAll(async () => {
  await chain.close();
  await devnet.close();
});

const input = (change: Partial<PrepareInput> = {}): PrepareInput => ({
  chain: chainLabel(chain.genesis),
  hotkey: alice,
  key: 'weights/1/0/45',
  call: {
    kind: 'set_weights',
    netuid: netuid(1),
    mecid: 0,
    period: blocks(45),
    weights: [
      { hotkey: stranger, weight: 65535 },
      { hotkey: bob, weight: 30000 },
      { hotkey: alice, weight: 10000 },
    ],
    versionKey: '0',
  },
  deadline: null,
  ...change,
});

describe('an extrinsic is prepared', () => {
  test('with uids of this block, hotkeys that left dropped, and the rest scaled up', async () => {
    const signed = await activities.prepareExtrinsic(input());
    expect(signed).toMatchObject({ uids: [0, 1], values: [21845, 65535], dropped: [stranger], nonce: 0 });
    const { method, signer, era } = decodeExtrinsic(chain.runtime, signed.bytes);
    expect(signer.toString()).toBe(alice);
    expect(method.args.map((arg) => arg.toJSON())).toEqual([1, [0, 1], [21845, 65535], 0]);
    expect(era.isMortalEra).toBe(true);
  });

  test('after the protection record allowed the vector, and not without it', async () => {
    claimed.length = 0;
    await activities.prepareExtrinsic(input());
    expect(claimed).toEqual([
      {
        genesis: chain.genesis,
        netuid: 1,
        mecid: 0,
        hotkey: alice,
        kind: 'cycle',
        period: 45,
        uids: [0, 1],
        values: [21845, 65535],
      },
    ]);
    const call = { ...input().call, resend: true } as PrepareInput['call'];
    await activities.prepareExtrinsic(input({ call }));
    expect(claimed.at(-1)).toMatchObject({ kind: 'resend', period: 45 });
    refuse = true;
    await expect(activities.prepareExtrinsic(input())).rejects.toMatchObject({ code: 'OST_PROTECTION_CONFLICT' });
    refuse = false;
  });

  test.each(['watch', 'dry-run'] as const)('never in mode %s, whoever asks', async (withheld) => {
    const signer = await loadSigner({ kind: 'uri', uri: '//Alice' });
    const silent = createSignerActivities({ signer, chain, protection: { claim: async () => 'new' }, withheld });
    await expect(silent.prepareExtrinsic(input())).rejects.toMatchObject({
      code: 'OST_SIGNER_WITHHELD',
      retryable: false,
    });
  });

  test.each([
    [6, 8],
    [10, 16],
    [60, 64],
  ])('for a deadline %i blocks on with an era of %i blocks that covers it', async (ahead, era) => {
    const { number } = await chain.finalizedHead();
    const call = { kind: 'set_commitment', netuid: netuid(1), text: 'x' } as const;
    const signed = await activities.prepareExtrinsic(input({ call, deadline: blocks(number + ahead) }));
    expect(signed.eraBlocks).toBe(era);
    expect(signed.birth.number + signed.eraBlocks).toBeGreaterThan(number + ahead);
  });

  test('for its own hotkey and chain only, and not for nobody', async () => {
    await expect(activities.prepareExtrinsic(input({ hotkey: bob }))).rejects.toMatchObject({
      code: 'OST_WALLET_WRONG_HOTKEY',
    });
    await expect(activities.prepareExtrinsic(input({ chain: 'finney' }))).rejects.toMatchObject({
      code: 'OST_CHAIN_WRONG_GENESIS',
    });
    const call = { ...input().call, weights: [{ hotkey: stranger, weight: 1 }] };
    await expect(activities.prepareExtrinsic({ ...input(), call } as PrepareInput)).rejects.toMatchObject({
      code: 'OST_CHAIN_NO_WEIGHTS_LEFT',
    });
  });
});

describe('a message is signed', () => {
  /** Whether Alice's signature is over exactly these bytes. */
  const verifies = (message: Uint8Array, signature: string) =>
    signatureVerify(message, decodeSignature(signature) ?? new Uint8Array(), alice).isValid;

  test("for a commitment: the hash's hex text", async () => {
    const { signature } = await activities.signMessage({ purpose: 'commit_hash', modelHash });
    expect(signature).toHaveLength(86);
    expect(verifies(stringToU8a(modelHash), signature)).toBe(true);
  });

  test("for a download: the target's key and the block, for an upload the hash's bytes before them", async () => {
    const block = new Uint8Array([0, 0, 0, 0, 0, 0, 1, 2]);
    const target = { targetHotkey: bob, block: blocks(258) };
    const download = await activities.signMessage({ purpose: 'download', ...target });
    expect(verifies(new Uint8Array([...publicKeyOf(bob), ...block]), download.signature)).toBe(true);
    const upload = await activities.signMessage({ purpose: 'upload', modelHash, ...target });
    const message = new Uint8Array([...hexToU8a(`0x${modelHash}`), ...publicKeyOf(bob), ...block]);
    expect(verifies(message, upload.signature)).toBe(true);
  });

  test('for a peer: the statement, in its own name and for its own chain alone', async () => {
    const statement: PeerStatement = {
      purpose: 'merge-announce',
      genesis: chain.genesis,
      netuid: netuid(1),
      cycle: 3,
      from: alice,
      to: everybody,
      block: blocks(258),
      bodyDigest: 'ab'.repeat(32),
    };
    const { signature } = await activities.signMessage({ purpose: 'peer', statement });
    expect(verifies(peerMessageBytes(statement), signature)).toBe(true);
    for (const wrong of [
      { from: bob },
      { genesis: `0x${'00'.repeat(32)}` },
      { purpose: 'merge-announce\nmerge-vouch' },
      { to: '*\n' },
      { cycle: 1.5 },
      { bodyDigest: 'ab' },
    ]) {
      const asked = activities.signMessage({ purpose: 'peer', statement: { ...statement, ...wrong } as PeerStatement });
      await expect(asked).rejects.toMatchObject({ code: 'OST_SIGN_REFUSED', params: { purpose: 'peer' } });
    }
  });

  test.each([
    ['another purpose', { purpose: 'extrinsic', modelHash }],
    ['bytes of the caller in place of a hash', { purpose: 'commit_hash', modelHash: '0x0700' }],
    ['a block that is no number', { purpose: 'download', targetHotkey: bob, block: 1.5 }],
    ['a target that is no address', { purpose: 'download', targetHotkey: 'nobody', block: 1 }],
  ])('never for %s', async (_, wrong) => {
    await expect(activities.signMessage(wrong as never)).rejects.toMatchObject({ code: 'OST_SIGN_REFUSED' });
  });
});
