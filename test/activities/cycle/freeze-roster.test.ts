import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { freezeRoster } from '../../../activities/cycle/freeze-roster.ts';
import { type ChainClient, connectChain } from '../../../adapters/chain/client.ts';
import { signExtrinsic } from '../../../adapters/chain/extrinsic.ts';
import { loadSigner } from '../../../adapters/wallet/load.ts';
import type { Signer } from '../../../adapters/wallet/signer.ts';
import { type Devnet, startDevnet } from '../../../devnet/chain/start.ts';
import { evaluationRows } from '../../../domain/batches.ts';
import { heartbeatCommit, minerHashCommit, signatureCommit } from '../../../domain/commit-payload.ts';
import type { CyclePlan } from '../../../domain/cycle-plan.ts';
import { schedules } from '../../../domain/phases.ts';
import type { Roster } from '../../../domain/roster.ts';
import { blockHashSeed, combineSeeds } from '../../../domain/seeds.ts';
import { commitMessage, encodeSignature } from '../../../domain/signed-message.ts';
import { blocks, milliseconds, netuid } from '../../../domain/units.ts';
import { startProxy } from '../../adapters/chain/proxy.ts';
import { alice, rules, validatorDeps } from '../validator-deps.ts';

// Blocks of mycelia-45's first cycle: MinerCommit1 35–36, MinerCommit2 37–39; the slots are read at 37 and 40.
const one = netuid(1);
const miners = ['//Bob', '//Charlie', '//Dave', '//Eve', '//Ferdie'] as const;
const hashOf = (uri: string): string => Buffer.from(uri.padEnd(24, '.')).toString('hex');
const sameHash = 'cd'.repeat(24);

let devnet: Devnet;
let chain: ChainClient;
const signers = new Map<string, Signer>();
const signer = (uri: string): Signer => {
  const found = signers.get(uri);
  if (found === undefined) throw new Error(`no signer ${uri}`);
  return found;
};

/** Has commitments in the next block, in this order. */
async function commitInNext(...commits: readonly (readonly [uri: string, text: string])[]): Promise<void> {
  const birth = await chain.head();
  for (const [uri, text] of commits) {
    const envelope = { genesis: chain.genesis, nonce: await chain.nextNonce(signer(uri).hotkey), birth, eraBlocks: 16 };
    const call = { kind: 'set_commitment', netuid: one, text } as const;
    await chain.submit(signExtrinsic(chain.runtime, signer(uri), call, envelope).bytes, AbortSignal.timeout(300));
  }
  await devnet.buildBlock();
}

/** Has Alice's weights in the next block. */
async function weighInNext(uids: readonly number[], values: readonly number[]): Promise<void> {
  const { hotkey } = signer('//Alice');
  const birth = await chain.head();
  const envelope = { genesis: chain.genesis, nonce: await chain.nextNonce(hotkey), birth, eraBlocks: 16 };
  const call = { kind: 'set_weights', netuid: one, mecid: 0, uids, values, versionKey: '0' } as const;
  await chain.submit(signExtrinsic(chain.runtime, signer('//Alice'), call, envelope).bytes, AbortSignal.timeout(300));
  await devnet.buildBlock();
}

async function buildUpTo(block: number): Promise<void> {
  while (devnet.head().number < block) await devnet.buildBlock();
}

const signature = async (uri: string, hash = hashOf(uri)): Promise<readonly [string, string]> => [
  uri,
  signatureCommit(encodeSignature(signer(uri).sign(commitMessage(hash)))),
];
const hash = (uri: string, group: number, modelHash = hashOf(uri)): readonly [string, string] => [
  uri,
  minerHashCommit({ modelHash, group, version: 0 }),
];

const plan = (changes: Partial<CyclePlan> = {}): CyclePlan => ({
  ...rules,
  schedule: schedules['mycelia-45'],
  scheduleNotes: [],
  genesis: chain.genesis,
  netuid: one,
  hotkey: alice,
  cycle: 0,
  skipped: [],
  head: blocks(40),
  blockTimeMs: milliseconds(100),
  model: { hash: '00'.repeat(24), version: 0, manifest: 'base' },
  ...changes,
});

async function freeze(changes: Partial<CyclePlan> = {}): Promise<Roster> {
  await using validator = await validatorDeps({ chain });
  const frozen = await freezeRoster(validator.deps)({ plan: plan(changes) });
  if (frozen.kind !== 'ok') throw new Error(frozen.detail);
  return frozen.value;
}

beforeAll(async () => {
  devnet = await startDevnet({
    folder: null,
    port: 0,
    blockTimeMs: 'gated',
    neurons: miners.slice(1, -1).map((account) => ({ account, role: 'miner' })),
  });
  chain = await connectChain({ endpoints: [devnet.url] });
  for (const uri of ['//Alice', ...miners]) signers.set(uri, await loadSigner({ kind: 'uri', uri }));

  await weighInNext([1, 3, 2], [20_000, 60_000, 0]);
  await buildUpTo(34);
  // Bob is whole. Charlie and Dave commit one hash in one block, Dave first. Eve signs another hash than she shows.
  await commitInNext(
    ['//Alice', heartbeatCommit({ modelHash: null, version: 0, group: 0, seed: 99 })],
    await signature('//Bob'),
    await signature('//Eve'),
  );
  await commitInNext(await signature('//Charlie', sameHash), await signature('//Dave', sameHash));
  await buildUpTo(37);
  await commitInNext(hash('//Bob', 1), hash('//Eve', 2, 'ee'.repeat(24)));
  await commitInNext(hash('//Dave', 3, sameHash), hash('//Charlie', 3, sameHash));
  await buildUpTo(44);
  // The next cycle's slots overwrite these; the roster is read where it was.
  await commitInNext(['//Bob', minerHashCommit({ modelHash: 'bb'.repeat(24), group: 0, version: 1 })]);
}, 60_000);
afterAll(async () => {
  await chain?.close();
  await devnet?.close();
});

const of = (roster: Roster, uri: string) => roster.entries.find(({ hotkey }) => hotkey === signer(uri).hotkey);

describe('the frozen roster', () => {
  test('has every miner that committed, with what it committed and when', async () => {
    const roster = await freeze();
    expect(roster.entries.map(({ hotkey }) => hotkey)).toEqual(
      ['//Bob', '//Charlie', '//Dave', '//Eve'].map((uri) => signer(uri).hotkey),
    );
    expect(of(roster, '//Bob')).toMatchObject({
      uid: 1,
      group: 1,
      modelHash: hashOf('//Bob'),
      commitBlock: 38,
      fault: null,
    });
    expect(of(roster, '//Eve')).toMatchObject({ group: 2, modelHash: null, fault: { reason: 'bad_signature' } });
    expect(roster.seats.map(({ hotkey }) => hotkey)).toEqual([alice, ...roster.entries.map(({ hotkey }) => hotkey)]);
  });

  test('says who came first of two that commit the same hash in the same block', async () => {
    const roster = await freeze();
    const [charlie, dave] = [of(roster, '//Charlie'), of(roster, '//Dave')];
    expect([charlie?.commitBlock, dave?.commitBlock]).toEqual([39, 39]);
    expect(dave?.commitIndex).toBeLessThan(charlie?.commitIndex ?? -1);
  });

  test('has what the validators’ weights on chain say, largest first, as shares', async () => {
    const { peerWeights } = await freeze();
    expect(peerWeights).toEqual([
      {
        validator: alice,
        top: [
          { hotkey: signer('//Dave').hotkey, uid: 3, share: expect.closeTo(0.75, 4) },
          { hotkey: signer('//Bob').hotkey, uid: 1, share: expect.closeTo(0.25, 4) },
        ],
      },
    ]);
  });

  test('is the same whenever it is read', async () => {
    const early = await freeze();
    await commitInNext(hash('//Bob', 2), hash('//Eve', 1));
    expect(await freeze()).toEqual(early);
  });

  test('takes the validators’ seeds from their heartbeats, and the rows to judge on from the seed', async () => {
    const { seed, batches, assigned, entries } = await freeze();
    const validators = [{ hotkey: alice, seed: 99 }];
    expect(seed).toEqual({ source: 'validator_commits', combined: combineSeeds(validators), validators });
    expect(assigned).toEqual(entries.map(({ hotkey }) => hotkey));
    await using validator = await validatorDeps({ chain });
    expect(batches).toEqual(
      [0, 1, 2, 3].map((group) => ({
        group,
        rows: evaluationRows(seed?.combined ?? '', group, validator.deps.corpus.heldOutRows(group), 8),
        batchSize: 4,
      })),
    );
  });

  test('takes the seed from the last block of MinerCommit2 where it is told to', async () => {
    const { seed, assigned } = await freeze({ seedSource: 'block_hash' });
    expect(seed).toMatchObject({ source: 'block_hash', combined: blockHashSeed(await chain.blockHash(blocks(39))) });
    expect(assigned).toHaveLength(4);
  });

  test('is unknown, and nobody’s fault, where no node has the state of those blocks any more', async () => {
    const old = await chain.blockHash(blocks(37));
    const lite = await startProxy(devnet.url);
    const pruned = await connectChain({ endpoints: [lite.url] });
    lite.instead = (method, params) =>
      method.startsWith('state_') && params.includes(old)
        ? new Error(`4003: Client error: State already discarded for ${old}`)
        : undefined;
    await using validator = await validatorDeps({ chain: pruned });
    const frozen = await freezeRoster(validator.deps)({ plan: plan() });
    await pruned.close();
    await lite.close();
    expect(frozen).toMatchObject({ kind: 'unknown', reason: 'state_pruned' });
    expect(frozen.kind === 'unknown' && frozen.seats.map(({ hotkey }) => hotkey)).toContain(alice);
  });

  test('of a cycle in which nobody committed has nobody, and a seed from a block’s hash', async () => {
    await buildUpTo(85);
    const { entries, seed } = await freeze({ cycle: 1 });
    expect(entries).toEqual([]);
    expect(seed).toEqual({
      source: 'block_hash',
      combined: blockHashSeed(await chain.blockHash(blocks(84))),
      validators: [],
    });
  });
});
