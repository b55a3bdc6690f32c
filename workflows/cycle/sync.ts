import { log } from '@temporalio/workflow';
import type { CommittedModels } from '../../activities/merge/activities.ts';
import type { CyclePlan } from '../../domain/cycle-plan.ts';
import type { ModelRecord } from '../../domain/cycle-record.ts';
import { type Majority, majorityManifest, majorityModel } from '../../domain/merge/majority.ts';
import type { MergeReadBack, MergeRecord } from '../../domain/merge/record.ts';
import { cycleIndex } from '../../domain/phases.ts';
import { blocks } from '../../domain/units.ts';
import { mergeActivities, PeerVoice } from '../merge/peers.ts';
import { type CycleContext, cycleActivities, rangeOf } from './context.ts';

/** What comparing one's own model with what the validators committed comes to. */
export type Sync =
  /** It is the majority's, or nobody else has committed one. */
  | { readonly kind: 'stands' }
  /** It was another one, and the majority's has taken its place: fetched, checked against the chain, published. */
  | { readonly kind: 'resynced'; readonly model: ModelRecord }
  /** It is another one, and the majority's is not to be had: nothing may start from it. */
  | { readonly kind: 'unverified'; readonly hash: string; readonly detail: string };

/**
 * Reads the validators' commitments back once the cycle is over, and fetches the majority's model where this
 * validator's own is another.
 */
export async function settleModel(context: CycleContext, merge: MergeRecord, model: ModelRecord): Promise<MergeRecord> {
  const { plan, clock, notes } = context;
  if (merge.peers.length === 1) {
    tellSynced(plan, 1, 1, model.hash);
    return merge;
  }
  const after = blocks(rangeOf(context, 'ValidatorCommit2').end + 1);
  await clock.reach(after, 'all validators’ models are on chain');
  const index = cycleIndex(plan.schedule, plan.cycle);
  const committed = await mergeActivities(context.queues).reads.readCommitted.executeWithOptions(
    { summary: `models of cycle ${plan.cycle}` },
    [{ schedule: plan.schedule, cycle: index }],
  );
  const majority = majorityModel(committed.directory.peers, committed.committed);
  const synced = majority?.holders.length ?? 0;
  tellSynced(plan, synced, committed.directory.peers.length, majority?.hash ?? null);
  const sync = await follow(PeerVoice.of(plan), { ...plan, modelFilesMissing: 0 }, committed, majority, model);
  if (sync.kind === 'unverified') {
    notes.push({ phase: 'ValidatorCommit2', note: `the majority's model ${sync.hash} is not here: ${sync.detail}` });
  }
  const readBack: MergeReadBack = {
    block: committed.directory.block.number,
    hash: majority?.hash ?? null,
    committed: committed.committed,
    synced,
    of: committed.directory.peers.length,
    resynced: sync.kind === 'resynced' ? sync.model : null,
  };
  return { ...merge, readBack };
}

/** The base that a cycle may start from: the plan's own, or the one that the validators' majority committed last. */
export async function verifyBase(plan: CyclePlan): Promise<Sync> {
  const index = cycleIndex(plan.schedule, plan.cycle);
  const voice = new PeerVoice(plan, index, plan.blockTimeMs);
  const committed = await mergeActivities(voice.queues).reads.readCommitted.executeWithOptions(
    { summary: 'the validators’ models' },
    [{ schedule: plan.schedule, cycle: null }],
  );
  return follow(voice, plan, committed, majorityModel(committed.directory.peers, committed.committed), plan.model);
}

async function follow(
  voice: PeerVoice,
  { hotkey, cycle: number, modelFilesMissing = 0 }: CyclePlan,
  { cycle, directory }: CommittedModels,
  majority: Majority | null,
  model: ModelRecord,
): Promise<Sync> {
  const others = directory.peers.filter((peer) => peer.hotkey !== hotkey);
  const nowhere = `${modelFilesMissing} of its files are missing, and no other validator is known to have them`;
  const asItIs: Sync =
    modelFilesMissing === 0 ? { kind: 'stands' } : { kind: 'unverified', hash: model.hash, detail: nowhere };
  if (majority === null || others.length === 0) return asItIs;
  const { peers: talk } = mergeActivities(voice.queues);
  const all = directory.peers.map((peer) => peer.hotkey);
  const reports = await talk.gatherReports({
    cycle,
    peers: all,
    sources: await voice.access(others),
    by: blocks(Number.MAX_SAFE_INTEGER),
  });
  const wanted = majorityManifest(directory.peers, majority, reports);
  if (wanted === null) {
    if (majority.hash === model.hash) return asItIs;
    return { kind: 'unverified', hash: majority.hash, detail: 'no validator says which files it is made of' };
  }
  // The manifest names the momentum too: with the same weights and another momentum the next step would differ.
  if (wanted.model.manifest === model.manifest && modelFilesMissing === 0) return { kind: 'stands' };
  const holders = others.filter((peer) => wanted.holders.includes(peer.hotkey));
  const fetched = await talk.fetchModel.executeWithOptions({ summary: majority.hash }, [
    { model: wanted.model, sources: await voice.access(holders) },
  ]);
  if (fetched.kind === 'failed') return { kind: 'unverified', hash: majority.hash, detail: fetched.detail };
  await cycleActivities(voice.queues).device.publishModel.executeWithOptions({ summary: majority.hash }, [
    { model: fetched.model },
  ]);
  log.warn(`Model ${model.hash} was not the majority's: went over to ${majority.hash}`, {
    event: 'model_resynced',
    cycle: number,
    from: model.hash,
    to: majority.hash,
  });
  return { kind: 'resynced', model: fetched.model };
}

function tellSynced({ cycle }: CyclePlan, synced: number, of: number, hash: string | null): void {
  log.info(`Inter-validator merging complete: ${synced}/${of} validators synced`, {
    event: 'merging_complete',
    cycle,
    synced,
    of,
    hash,
  });
}
