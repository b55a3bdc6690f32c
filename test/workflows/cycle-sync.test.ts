import { describe, expect, test } from '@jest/globals';
import type { AgreementSummary } from '../../domain/agreement/record.ts';
import type { ModelRecord } from '../../domain/cycle-record.ts';
import type { MergeReport } from '../../domain/merge/messages.ts';
import { type Blocks, blocks, hotkey, netuid, uid } from '../../domain/units.ts';
import { cycleId } from '../../temporal/ids.ts';
import type { CycleWorkflow } from '../../workflows/cycle.ts';
import { testTemporal } from '../setup/temporal.ts';
import { base, type ValidatorFakes, validatorActivityNames, validatorScenario } from './fakes/validator.ts';
import { fakeWorld } from './fakes/world.ts';

const temporal = await testTemporal();
const world = fakeWorld<ValidatorFakes>(temporal, 'validator', validatorActivityNames);
const cycleEnds = 69;
const own = hotkey('5Validator');
const others = [hotkey('5Peer1'), hotkey('5Peer2')];
const majority: ModelRecord = { hash: 'ab'.repeat(24), version: 28, manifest: 'majority' };

/** Three validators of equal stake. */
const directory = (block: number) => ({
  block: { number: blocks(block), hash: '0x00' as const },
  peers: [...others, own].toSorted().map((key, place) => ({
    hotkey: key,
    uid: uid(place),
    stakeRao: '10',
    url: key === own ? null : 'http://127.0.0.1:9',
  })),
});
const committed = (hash: string, version: number, keys: readonly string[]) =>
  keys.map((key) => ({ hotkey: hotkey(key), hash, version }));
const reports = (
  model: ModelRecord,
  keys = others,
): readonly (MergeReport & { readonly hotkey: (typeof keys)[number] })[] =>
  keys.map((key) => ({ ...model, hotkey: key }));

/** Peers that say nothing of scores either. */
const unagreed = (digestsBy: Blocks, tablesBy: Blocks): AgreementSummary => ({
  full: false,
  result: 'alone',
  directoryBlock: blocks(54),
  digestsBy,
  tablesBy,
  heardRao: '10',
  totalRao: '30',
  peers: [],
  values: [],
  contested: [],
});

/** A cycle among peers that announce nothing, so that no step is taken. */
async function run(activities: Partial<ValidatorFakes>) {
  const seen = validatorScenario({
    activities: {
      readPeers: async ({ block }) => directory(block),
      sayToPeers: async () => ({ unreached: others }),
      awaitMessages: async () => undefined,
      gatherAnnouncements: async () => [],
      gatherVouches: async () => [],
      keepMessage: async () => undefined,
      drawSalt: async () => ({ salt: 'ab'.repeat(16) }),
      gatherDigests: async () => ({ heard: [] }),
      agreeOnScores: async ({ digestsBy, tablesBy }) => unagreed(digestsBy, tablesBy),
      ...activities,
    },
  });
  const label = world.enter(seen.fakes);
  const handle = await temporal.client.workflow.start<typeof CycleWorkflow>('CycleWorkflow', {
    workflowId: cycleId(label, 1, world.hotkey),
    taskQueue: world.queue,
    args: [{ chain: label, netuid: netuid(1), hotkey: world.hotkey, cyclesLeft: 1 }],
  });
  seen.chain.allow(cycleEnds + 1);
  await handle.result();
  return { ...seen, record: seen.records.at(-1) };
}

describe('a cycle among peers', () => {
  test.concurrent('without a peer’s word takes no step: alone is an outcome, and nothing moves', async () => {
    const { record, merges, published } = await run({
      readCommitted: async ({ cycle }) => ({ cycle: cycle ?? 0, directory: directory(70), committed: [] }),
    });
    expect(record?.merge).toMatchObject({ result: 'alone', minimumContributors: 2 });
    expect(record?.modelAfter).toEqual(base);
    expect([merges, published]).toEqual([[], []]);
  });

  test.concurrent('reads the models back, and goes over to the majority’s where its own is another', async () => {
    const { record, published } = await run({
      // Nobody had committed anything before this cycle.
      readCommitted: async ({ cycle }) => ({
        cycle: cycle ?? 0,
        directory: directory(70),
        committed: cycle === null ? [] : [...committed(majority.hash, 28, others), ...committed(base.hash, 0, [own])],
      }),
      gatherReports: async () => reports(majority),
      fetchModel: async ({ model }) => ({ kind: 'fetched', model }),
    });
    expect(record?.merge?.readBack).toMatchObject({ hash: majority.hash, synced: 2, of: 3, resynced: majority });
    expect(published).toEqual([majority]);
  });

  test.concurrent('notes where the majority’s model is not to be had', async () => {
    const { record, published } = await run({
      readCommitted: async ({ cycle }) => ({
        cycle: cycle ?? 0,
        directory: directory(70),
        committed: cycle === null ? [] : committed(majority.hash, 28, others),
      }),
      gatherReports: async () => reports(majority),
      fetchModel: async () => ({ kind: 'failed', detail: 'nobody answers' }),
    });
    expect(record?.merge?.readBack).toMatchObject({ hash: majority.hash, resynced: null });
    expect(record?.notes.map(({ note }) => note).join()).toContain(`the majority's model ${majority.hash} is not here`);
    expect(published).toEqual([]);
  });
});

describe('a validator that starts with another model than the majority', () => {
  const behind = async () => ({ cycle: 0, directory: directory(0), committed: committed(majority.hash, 28, others) });

  test.concurrent('gets that one before its cycle begins: its own stale one does not count as synced', async () => {
    const { record, published } = await run({
      readCommitted: behind,
      gatherReports: async () => reports(majority),
      fetchModel: async ({ model }) => ({ kind: 'fetched', model }),
    });
    expect(record?.modelBefore).toEqual(majority);
    expect(published[0]).toEqual(majority);
  });

  test.concurrent('begins no cycle while it cannot be had, and begins with it once it can', async () => {
    let attempts = 0;
    const { record, nexts } = await run({
      readCommitted: behind,
      gatherReports: async () => reports(majority),
      fetchModel: async ({ model }) =>
        ++attempts < 3 ? { kind: 'failed', detail: 'nobody answers' } : { kind: 'fetched', model },
    });
    expect(record?.modelBefore).toEqual(majority);
    // The cycle at hand is looked for anew each time.
    expect(nexts.length).toBeGreaterThanOrEqual(3);
  });

  test.concurrent('goes over to it for its momentum alone, though the weights are the same', async () => {
    const same = { ...base, manifest: 'same weights, with their momentum' };
    const { record } = await run({
      readCommitted: async () => ({ cycle: 0, directory: directory(0), committed: committed(base.hash, 0, others) }),
      gatherReports: async () => reports(same),
      fetchModel: async ({ model }) => ({ kind: 'fetched', model }),
    });
    expect(record?.modelBefore).toEqual(same);
  });
});
