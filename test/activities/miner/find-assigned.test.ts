import { describe, expect, test } from '@jest/globals';
import type { MinerIoDeps } from '../../../activities/miner/deps.ts';
import { findAssigned } from '../../../activities/miner/find-assigned.ts';
import type { ChainClient } from '../../../adapters/chain/client.ts';
import { CycleAssignments } from '../../../adapters/chain/cycle-assignments.ts';
import { assignMiners } from '../../../domain/assignment.ts';
import type { ChainCommitment, Neuron } from '../../../domain/chain.ts';
import { heartbeatCommit, minerHashCommit, signatureCommit } from '../../../domain/commit-payload.ts';
import { validatorOf } from '../../../domain/cycle-assignment.ts';
import { fail } from '../../../domain/errors/error.ts';
import { schedules } from '../../../domain/phases.ts';
import { blocks, type Hotkey, hotkey, netuid, uid } from '../../../domain/units.ts';

// Cycle 1 of mycelia-45: MinerCommit1 80–81, MinerCommit2 82–84; the slots are read at 82 and 85.
const schedule = schedules['mycelia-45'];
const cycle = 1;
const validators = [hotkey('5Vera'), hotkey('5Wim'), hotkey('5Xenia')] as const;
const seeds = [11, 29, 7] as const;
const miners = Array.from({ length: 12 }, (_, number) => hotkey(`5Miner${number}`));

const neuron = (name: Hotkey, number: number, served = true): Neuron => ({
  uid: uid(number),
  hotkey: name,
  coldkey: name,
  axon: served ? { ip: `10.0.0.${number}`, port: 8080, protocol: 4, version: 1, block: blocks(1) } : null,
  validatorPermit: number < 3,
  active: true,
  lastUpdate: blocks(0),
  registeredAt: blocks(0),
  totalStakeRao: String(10 - number),
});
const slot = (name: Hotkey, block: number, text: string): ChainCommitment => ({
  hotkey: name,
  block: blocks(block),
  text,
  bytesHex: '0x',
});
const first = [
  ...validators.map((name, index) =>
    slot(name, 80, heartbeatCommit({ modelHash: null, version: 0, group: 0, seed: seeds[index] ?? 0 })),
  ),
  ...miners.map((name) => slot(name, 81, signatureCommit('A'.repeat(86)))),
];
const second = miners.map((name) =>
  slot(name, 83, minerHashCommit({ modelHash: 'ab'.repeat(24), version: 0, group: 0 })),
);

function deps(own: Hotkey, changes: Partial<MinerIoDeps> = {}, absent: Hotkey | null = null, pruned = false) {
  const names = [...validators, ...miners];
  const chain: Partial<ChainClient> = {
    blockHash: async (block) => {
      if (pruned) throw fail('OST_CHAIN_STATE_PRUNED', { block: Number(block) });
      return `0x${block}`;
    },
    snapshot: async () => ({
      block: { number: blocks(85), hash: '0x55' },
      netuid: netuid(1),
      ownerHotkey: validators[0],
      tempo: blocks(360),
      weightsRateLimit: blocks(100),
      minAllowedWeights: 1,
      weightsVersion: '0',
      commitRevealEnabled: false,
      maxUids: 256,
      neurons: names.map((name, index) => neuron(name, index, name !== absent)),
    }),
    commitments: async (_, block) => (block === 82 ? first : second),
  };
  const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
  const needed: Partial<MinerIoDeps> = {
    chain: chain as ChainClient,
    netuid: netuid(1),
    hotkey: own,
    validatorHotkey: null,
    seedSource: 'validator_commits',
    log: silent,
    ...changes,
  };
  return needed as MinerIoDeps;
}

const find = (...given: Parameters<typeof deps>) => findAssigned(deps(...given))({ schedule, cycle });

describe('the validator that a miner submits to', () => {
  const expected = assignMiners({
    validators: validators.map((name, index) => ({ hotkey: name, seed: seeds[index] ?? 0 })),
    miners,
    maxPerValidator: null,
  });

  test('is the one that the cycle’s assignment names, which its model server names as well', async () => {
    const { chain } = deps(validators[0]);
    const assignments = new CycleAssignments(chain, netuid(1), 'validator_commits');
    for (const miner of miners) {
      const { hotkey: found, url } = await find(miner);
      expect(found).toBe(expected.find((each) => each.miners.includes(miner))?.validator);
      expect(url).toBe(`http://10.0.0.${validators.indexOf(found)}:8080`);
      expect(validatorOf((await assignments.of(schedule, cycle)).assignment, miner)).toBe(found);
    }
  });

  test('is the configured one where there is one', async () => {
    for (const miner of miners) {
      expect((await find(miner, { validatorHotkey: validators[2] })).hotkey).toBe(validators[2]);
    }
  });

  test('is the one with the most stake that can be reached where the assigned one cannot, or nobody can tell', async () => {
    const owned = expected.find(({ validator }) => validator === validators[0])?.miners[0] ?? miners[0];
    if (owned === undefined) throw new Error('nobody is assigned to the first validator');
    expect((await find(owned, {}, validators[0])).hotkey).toBe(validators[1]);
    expect((await find(owned, {}, null, true)).hotkey).toBe(validators[0]);
    await expect(find(owned, { validatorHotkey: validators[0] }, validators[0])).rejects.toMatchObject({
      code: 'OST_MINER_NO_VALIDATOR',
    });
  });
});
