import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { fetchFromPeer } from '../../../activities/submission/fetch-from-peer.ts';
import type { ChainClient } from '../../../adapters/chain/client.ts';
import type { Axon } from '../../../domain/chain.ts';
import { blockMessage, encodeSignature } from '../../../domain/signed-message.ts';
import { blocks, bytes, hotkey } from '../../../domain/units.ts';
import { cycle, groupTensors, people, ServerFixture, submissionStart } from '../../server/model/fixture.ts';
import { asActivity } from '../as-activity.ts';
import { validatorDeps } from '../validator-deps.ts';

let peer: ServerFixture;
let validator: Awaited<ReturnType<typeof validatorDeps>>;
let file: { readonly path: string; readonly hash: string };
let digest: string;
let axon: Axon | null = null;

beforeAll(async () => {
  peer = await ServerFixture.create();
  await peer.start({ token: 'the peer’s own' });
  axon = at(Number(new URL(peer.url).port));
  file = await peer.commit(people.miner, groupTensors(0, 5));
  digest = (await peer.store.put({ file: file.path }, 'application/vnd.safetensors')).digest;
  peer.accepted.push({
    cycle,
    hotkey: people.miner.hotkey,
    group: 0,
    modelHash: file.hash,
    digest,
    bytes: bytes((await readFile(file.path)).length),
    block: blocks(submissionStart),
    receivedAtBlock: blocks(submissionStart),
  });
  validator = await validatorDeps();
});
afterAll(async () => {
  await validator[Symbol.asyncDispose]();
  await peer.end();
});

const at = (port: number): Axon => ({ ip: '127.0.0.1', port, protocol: 4, version: 1, block: blocks(1) });
const own = people.peer;

const fetch = ({
  served = axon,
  miner = people.miner.hotkey,
  block = Number(peer.head),
  maxSubmissionBytes = 1e6,
} = {}) => {
  const chain = { axon: async () => served } as Partial<ChainClient> as ChainClient;
  const deps = { ...validator.deps, chain, hotkey: own.hotkey, maxSubmissionBytes };
  const signature = encodeSignature(own.sign(blockMessage(people.validator.publicKey, block)));
  const signed = { peer: people.validator.hotkey, block: blocks(block), signature };
  return asActivity(() => fetchFromPeer(deps)({ signed, hotkey: hotkey(miner), cycleIndex: cycle }));
};

describe('a miner’s file that another validator has', () => {
  test('comes into the own store under its digest, and nothing else stays', async () => {
    const fetched = await fetch();
    expect(fetched).toEqual({ kind: 'file', digest, bytes: (await readFile(file.path)).length });
    expect(await validator.deps.store.verify(digest)).toBe('sound');
    expect(await readdir(validator.deps.downloads)).toEqual([]);
    // Once more, after a crash for instance: the same.
    expect(await fetch()).toEqual(fetched);
  });

  test('is absent where the peer has none, serves no address, or cannot be reached', async () => {
    expect(await fetch({ miner: people.other.hotkey })).toMatchObject({ kind: 'absent' });
    expect(await fetch({ served: null })).toMatchObject({ kind: 'absent' });
    expect(await fetch({ served: { ...at(1), ip: '0.0.0.0' } })).toMatchObject({ kind: 'absent' });
    expect(await fetch({ served: at(1) })).toMatchObject({ kind: 'absent' });
  });

  test('is absent where the peer sends other bytes than it says, or more than anybody may', async () => {
    const liar = createServer((_request, response) => {
      response.writeHead(200, { etag: `"${'ab'.repeat(32)}"` }).end('something else');
    });
    await new Promise<void>((resolve) => liar.listen(0, '127.0.0.1', resolve));
    const address = liar.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    expect(await fetch({ served: at(port), miner: people.other.hotkey })).toMatchObject({ kind: 'absent' });
    liar.close();
    expect(await fetch({ maxSubmissionBytes: 100 })).toMatchObject({ kind: 'absent' });
  });

  test('is asked for with a fresh signature where the peer finds this one too old', async () => {
    expect(await fetch({ block: 700 })).toEqual({ kind: 'sign_again' });
  });
});
