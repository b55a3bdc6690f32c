import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { MinerIoDeps } from '../../../activities/miner/deps.ts';
import { findValidator } from '../../../activities/miner/find-validator.ts';
import type { ChainClient } from '../../../adapters/chain/client.ts';
import type { Neuron } from '../../../domain/chain.ts';
import { validatorHashCommit } from '../../../domain/commit-payload.ts';
import { blocks, type Hotkey, hotkey, netuid, uid } from '../../../domain/units.ts';

let server: Server;
let port = 0;
beforeAll(async () => {
  // It knows no route at all, and is there all the same.
  server = createServer((_, response) => response.writeHead(404).end()).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  port = typeof address === 'object' && address !== null ? address.port : 0;
});
afterAll(() => void server.close());

interface Given {
  readonly name: string;
  readonly stake: number;
  readonly hash?: string;
  readonly group?: number;
  readonly permit?: boolean;
  readonly serves?: 'nothing' | 'a dead port';
}

const hashOf = (letter: string): string => letter.repeat(48);

function deps(validators: readonly Given[], group = 0, configured: Hotkey | null = null) {
  const lines: object[] = [];
  const note = (fields: object): void => void lines.push(fields);
  const neurons = validators.map(
    ({ name, stake, permit = true, serves }, index): Neuron => ({
      uid: uid(index),
      hotkey: hotkey(name),
      coldkey: hotkey(name),
      axon:
        serves === 'nothing'
          ? { ip: '0.0.0.0', port: 0, protocol: 4, version: 1, block: blocks(1) }
          : { ip: '127.0.0.1', port: serves === undefined ? port : 9, protocol: 4, version: 1, block: blocks(1) },
      validatorPermit: permit,
      active: true,
      lastUpdate: blocks(0),
      registeredAt: blocks(0),
      totalStakeRao: String(stake),
    }),
  );
  const chain: Partial<ChainClient> = {
    snapshot: async () => ({
      block: { number: blocks(85), hash: '0x55' },
      netuid: netuid(1),
      ownerHotkey: hotkey('5Owner'),
      tempo: blocks(360),
      weightsRateLimit: blocks(100),
      minAllowedWeights: 1,
      weightsVersion: '0',
      commitRevealEnabled: false,
      maxUids: 256,
      neurons,
    }),
    commitments: async () =>
      validators.flatMap(({ name, hash, group: named = 0 }) =>
        hash === undefined
          ? []
          : [
              {
                hotkey: hotkey(name),
                block: blocks(80),
                text: validatorHashCommit({ modelHash: hashOf(hash), version: 7, group: named }),
                bytesHex: '0x' as const,
              },
            ],
      ),
  };
  const needed: Partial<MinerIoDeps> = {
    chain: chain as ChainClient,
    netuid: netuid(1),
    hotkey: hotkey('5Miner'),
    validatorHotkey: configured,
    rules: { group } as MinerIoDeps['rules'],
    log: { debug: note, info: note, warn: note, error: note },
  };
  return { deps: needed as MinerIoDeps, lines };
}

async function found(...given: Parameters<typeof deps>) {
  const { deps: needed, lines } = deps(...given);
  const { hotkey: name, committed, url } = await findValidator(needed)();
  return { name, committed, url, lines };
}

describe('the validator that a miner has its model from', () => {
  test('has a permit, serves an address, and of those the most stake', async () => {
    const validators: readonly Given[] = [
      { name: '5Poor', stake: 1 },
      { name: '5Rich', stake: 5 },
      { name: '5Unseen', stake: 50, serves: 'nothing' },
      { name: '5Nobody', stake: 100, permit: false },
    ];
    expect(await found(validators)).toMatchObject({ name: '5Rich', committed: null, url: `http://127.0.0.1:${port}` });
  });

  test('has committed the model that most stake stands behind', async () => {
    const validators: readonly Given[] = [
      { name: '5Alone', stake: 6, hash: 'a' },
      { name: '5One', stake: 5, hash: 'b' },
      { name: '5Two', stake: 4, hash: 'b' },
      { name: '5Silent', stake: 30 },
    ];
    expect(await found(validators)).toMatchObject({ name: '5One', committed: { modelHash: hashOf('b'), version: 7 } });
  });

  test('is of the miner’s own group where there is one', async () => {
    const validators: readonly Given[] = [
      { name: '5Other', stake: 50, hash: 'a', group: 1 },
      { name: '5Own', stake: 5, hash: 'b', group: 0 },
    ];
    expect((await found(validators, 0)).name).toBe('5Own');
    expect((await found(validators, 1)).name).toBe('5Other');
    expect((await found(validators, 3)).name).toBe('5Other');
  });

  test('answers: the next one of the same model takes the place of one that does not', async () => {
    const validators: readonly Given[] = [
      { name: '5Away', stake: 6, hash: 'a', serves: 'a dead port' },
      { name: '5Here', stake: 2, hash: 'a' },
      { name: '5Wrong', stake: 5, hash: 'b' },
    ];
    const { name, lines } = await found(validators);
    expect(name).toBe('5Here');
    expect(lines).toEqual([expect.objectContaining({ event: 'validator_silent', validator: '5Away' })]);
  });

  test('is none where all of the majority are away: another model is no substitute', async () => {
    const validators: readonly Given[] = [
      { name: '5Away', stake: 6, hash: 'a', serves: 'a dead port' },
      { name: '5Wrong', stake: 5, hash: 'b' },
    ];
    await expect(found(validators)).rejects.toMatchObject({ code: 'OST_MINER_NO_VALIDATOR' });
  });

  test('is the configured one, whatever the others say', async () => {
    const validators: readonly Given[] = [
      { name: '5Most', stake: 6, hash: 'a' },
      { name: '5Mine', stake: 1, hash: 'b' },
    ];
    expect((await found(validators, 0, hotkey('5Mine'))).name).toBe('5Mine');
    await expect(found(validators, 0, hotkey('5Gone'))).rejects.toMatchObject({ code: 'OST_MINER_NO_VALIDATOR' });
  });
});
