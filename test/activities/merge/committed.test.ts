import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readCommitted } from '../../../activities/merge/committed.ts';
import { signatureCommit, validatorHashCommit } from '../../../domain/commit-payload.ts';
import { majorityModel } from '../../../domain/merge/majority.ts';
import { cycleLength, phaseRange } from '../../../domain/phases.ts';
import { netuid } from '../../../domain/units.ts';
import { Subnet, schedule } from './subnet.ts';

const one = netuid(1);
let subnet: Subnet;
beforeAll(async () => {
  subnet = await Subnet.start({ '//Ann': 10_000, '//Ben': 15_000, '//Cleo': 10_000, '//Dan': 1_000 });
}, 60_000);
afterAll(() => subnet[Symbol.asyncDispose]());

const hash = (digit: string) => digit.repeat(48);
const commit = (uri: string, modelHash: string, version: number, group = 0) =>
  [uri, { kind: 'set_commitment', netuid: one, text: validatorHashCommit({ modelHash, version, group }) }] as const;
const of = (uri: string) => subnet.get(uri).signer.hotkey;
const read = (cycle: number | null) => readCommitted(subnet.get('//Ann').deps)({ schedule, cycle });

describe('the models on chain at a cycle’s end', () => {
  test('are those of ValidatorCommit2 alone, and who was late or said something else has said nothing', async () => {
    await subnet.send(commit('//Dan', hash('d'), 1));
    const cycle = await subnet.enter('ValidatorCommit2');
    const { start, end } = phaseRange(schedule, cycle, 'ValidatorCommit2');
    expect(subnet.devnet.head().number).toBe(start);
    await subnet.send(commit('//Ann', hash('a'), 4), commit('//Ben', hash('b'), 4), commit('//Cleo', hash('a'), 4));
    expect(subnet.devnet.head().number).toBe(end + 1);
    const found = await read(cycle);
    expect(found.committed.toSorted((x, y) => (x.hash < y.hash ? -1 : 1))).toMatchObject([
      { hash: hash('a'), version: 4 },
      { hash: hash('a'), version: 4 },
      { hotkey: of('//Ben'), hash: hash('b'), version: 4 },
    ]);
    const majority = majorityModel(found.directory.peers, found.committed);
    expect([majority?.hash, new Set(majority?.holders)]).toEqual([hash('a'), new Set([of('//Ann'), of('//Cleo')])]);
  });

  test('are of all groups in one hash: the heavier group outvotes nobody, and a group’s validators do not split', async () => {
    const cycle = await subnet.enter('ValidatorCommit2');
    await subnet.send(
      commit('//Ann', hash('a'), 4, 0),
      commit('//Ben', hash('b'), 4, 1),
      commit('//Cleo', hash('a'), 4, 2),
    );
    const { directory, committed } = await read(cycle);
    expect(majorityModel(directory.peers, committed)).toMatchObject({ hash: hash('a'), version: 4 });
  });

  test('stay what they were, however the slots are written over afterwards', async () => {
    const before = await read(null);
    const text = signatureCommit('A'.repeat(86));
    await subnet.send(['//Ann', { kind: 'set_commitment', netuid: one, text }], commit('//Cleo', hash('c'), 9));
    expect(await read(before.cycle)).toEqual(before);
  });

  test('are looked for in the cycles before where the last one has none', async () => {
    const before = await read(null);
    expect(before.committed).toHaveLength(3);
    await subnet.buildTo((before.cycle + 3) * cycleLength(schedule));
    expect(await read(null)).toEqual(before);
    await subnet.buildTo((before.cycle + 4) * cycleLength(schedule));
    expect((await read(null)).committed).toEqual([]);
  });
});
