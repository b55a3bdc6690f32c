import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { pullSubmission } from '../../../activities/submission/pull.ts';
import { writeSafetensors } from '../../../adapters/artifacts/safetensors-writer.ts';
import { hashTensors } from '../../../adapters/artifacts/tensor-hash.ts';
import { writeTorchFile } from '../../../adapters/artifacts/torch/write.ts';
import type { ChainClient } from '../../../adapters/chain/client.ts';
import { blocks, hotkey } from '../../../domain/units.ts';
import { RangeServer } from '../../adapters/artifacts/transfer/range-server.ts';
import { asActivity } from '../as-activity.ts';
import { validatorDeps } from '../validator-deps.ts';

const miner = hotkey('5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty');
const head = { number: blocks(77), hash: '0x00' };
let deps: Awaited<ReturnType<typeof validatorDeps>>;
let server: RangeServer;
let modelHash: string;
let torch: Buffer;
beforeAll(async () => {
  deps = await validatorDeps();
  const file = join(deps.folder, 'mine.safetensors');
  await writeSafetensors(file, [{ name: 'w', dtype: 'F32', shape: [25_000], data: randomBytes(100_000) }]);
  modelHash = (await hashTensors(file)).hash;
  await writeTorchFile(file, `${file}.pt`);
  torch = await readFile(`${file}.pt`);
  server = new RangeServer(await readFile(file));
  await server.start();
});
afterAll(async () => {
  await server.stop();
  await deps[Symbol.asyncDispose]();
});

function pull(changes: {
  readonly cycle?: number;
  readonly keep?: boolean;
  readonly hash?: string;
  readonly private?: boolean;
}) {
  const { cycle = 1, keep = true, hash = modelHash } = changes;
  const chain = { head: async () => head } as ChainClient;
  const transfers = { ...deps.deps.transfers, allowPrivate: changes.private ?? true };
  const input = {
    cycle,
    hotkey: miner,
    group: 0,
    modelHash: hash,
    location: { kind: 'http', url: server.url } as const,
    keep,
  };
  return asActivity(() => pullSubmission({ ...deps.deps, chain, transfers })(input));
}
const receipt = (cycle: number) =>
  deps.deps.ledger.submissions.find({
    chain: 'devnet',
    netuid: deps.deps.netuid,
    validator: deps.deps.hotkey,
    cycle,
    hotkey: miner,
  });

describe('fetching a submission from its miner', () => {
  test('stores it, and enters it with where it came from', async () => {
    const pulled = await pull({});
    expect(pulled).toEqual({
      kind: 'file',
      file: { digest: server.digest, bytes: server.content.length, block: head.number },
      source: server.url,
    });
    expect(await deps.deps.store.verify(server.digest)).toBe('sound');
    expect(await receipt(1)).toMatchObject({ digest: server.digest, modelHash, source: server.url });
    expect(await readdir(join(deps.deps.store.folder, 'pulls'))).toEqual([]);
  });

  test('for a miner of another validator enters nothing', async () => {
    expect(await pull({ cycle: 2, keep: false })).toMatchObject({ kind: 'file' });
    expect(await receipt(2)).toBeNull();
  });

  test('takes a file of torch.save too, and keeps it as safetensors', async () => {
    const safetensors = server.content;
    server.content = torch;
    expect(await pull({ cycle: 3 })).toMatchObject({ kind: 'file', file: { bytes: expect.any(Number) } });
    const kept = await receipt(3);
    expect((await hashTensors(deps.deps.store.path(kept?.digest ?? ''))).hash).toBe(modelHash);
    server.content = safetensors;
  });

  test('blames the miner for other tensors than committed and for what is no checkpoint, and keeps nothing', async () => {
    expect(await pull({ cycle: 4, hash: 'a'.repeat(48) })).toMatchObject({ kind: 'miner_fault', reason: 'hash' });
    const sound = server.content;
    server.content = Buffer.from('PK\u0003\u0004 is how an archive begins, and this is none', 'latin1');
    expect(await pull({ cycle: 4 })).toMatchObject({ kind: 'miner_fault', reason: 'malformed_file' });
    server.content = randomBytes(5000);
    expect(await pull({ cycle: 4 })).toMatchObject({ kind: 'miner_fault', reason: 'malformed_file' });
    server.content = sound;
    expect(await receipt(4)).toBeNull();
    expect(await readdir(join(deps.deps.store.folder, 'pulls'))).toEqual([]);
  });

  test('goes to no private address', async () => {
    const asked = server.asked.length;
    expect(await pull({ cycle: 5, private: false })).toMatchObject({ kind: 'miner_fault', reason: 'bad_address' });
    expect(server.asked).toHaveLength(asked);
  });
});
