import { mergeDeadlines } from '../domain/merge/deadlines.ts';
import { type Check, decideMerge, type MergeDecision, minimumContributors } from '../domain/merge/decide.ts';
import { reportBody } from '../domain/merge/messages.ts';
import type { MergeRecord, MergeResult } from '../domain/merge/record.ts';
import type { MergeInput, MergeOutput } from '../domain/merge/workflow.ts';
import type { PeerDirectory } from '../domain/peers/directory.ts';
import { phaseRange } from '../domain/phases.ts';
import { exchange, fetchFrom, type Heard } from './merge/exchange.ts';
import { mergeActivities, PeerVoice } from './merge/peers.ts';
import { MergeView } from './merge/view.ts';

/**
 * One cycle's merge: add up what the own miners learned, agree with the other validators on whose sums count, and take
 * one step along their mean. Whoever merged the same set has the same model, bit by bit; whoever could not, takes no
 * step and says so.
 */
export async function MergeWorkflow(input: MergeInput): Promise<MergeOutput> {
  const { plan, accepted } = input;
  const voice = PeerVoice.of(plan);
  const view = new MergeView(input);
  const { ledger, reads, device } = mergeActivities(voice.queues);
  const { start } = phaseRange(plan.schedule, plan.cycle, 'Merge');
  const deadlines = mergeDeadlines(plan.schedule, plan.cycle);

  view.show('adding up what the own miners learned');
  const directory = await reads.readPeers.executeWithOptions({ summary: `validators at block ${start}` }, [
    { block: start },
  ]);
  const own =
    accepted.length === 0
      ? { gradients: [], excluded: [] }
      : await device.accumulateGradients.executeWithOptions({ summary: `${accepted.length} submissions` }, [
          { model: plan.model, accepted },
        ]);

  const alone = directory.peers.every(({ hotkey }) => hotkey === plan.hotkey);
  const heard = alone
    ? ownVoice(input, own.gradients)
    : await exchange(input, voice, view, { own, directory, deadlines });
  const decision = decideMerge({ peers: directory.peers, ...heard });
  const minimum = minimumContributors(plan.minimumContributors, directory.peers.length);
  const result = await ready(input, voice, { decision, heard, directory, minimum });

  view.show('taking the step');
  const gradients = decision.members.flatMap((member) =>
    member.gradients.map(({ group, digest }) => ({ group, digest })),
  );
  const model =
    result === 'merged'
      ? await device.mergeGradients.executeWithOptions({ summary: `${decision.members.length} validators` }, [
          {
            model: plan.model,
            gradients,
            contributors: decision.members.length,
            outer: plan.outer,
            version: phaseRange(plan.schedule, plan.cycle, 'MinerCommit1').start,
          },
        ])
      : plan.model;
  if (!alone) {
    // Kept rather than sent: whoever needs this model asks for it, and it must not wait for anybody now.
    const message = await voice.message('merge-result', reportBody(model));
    await ledger.keepMessage.executeWithOptions({ summary: `model ${model.hash}` }, [{ message }]);
  }
  const record: MergeRecord = {
    result,
    directoryBlock: directory.block.number,
    announceBy: deadlines.announce,
    vouchBy: deadlines.vouch,
    minimumContributors: minimum,
    peers: decision.peers,
    excluded: own.excluded.map(({ hotkey, reason }) => ({ hotkey, reason })),
    readBack: null,
  };
  view.end(record);
  return { record, model };
}

/** A validator without peers announces to itself and vouches for itself. */
function ownVoice({ plan }: MergeInput, gradients: Heard['announcements'][number]['gradients']): Heard {
  const { hotkey } = plan;
  const digest = 'own';
  return {
    announcements: [{ hotkey, digest, base: plan.model.hash, gradients, inTime: true }],
    checks: [],
    vouches: [{ hotkey, seen: [{ hotkey, announcement: digest, verdict: 'sound' }] }],
  };
}

interface Decided {
  readonly decision: MergeDecision;
  readonly heard: Heard;
  readonly directory: PeerDirectory;
  readonly minimum: number;
}

/** Whether the step can be taken; what of the set is not here yet is fetched from whoever vouched for it. */
async function ready(input: MergeInput, voice: PeerVoice, decided: Decided): Promise<MergeResult> {
  const { decision, heard, directory, minimum } = decided;
  const { members } = decision;
  if (decision.unheard.length > 0) return 'incomplete';
  if (members.length < minimum) return 'alone';
  if (members.every(({ gradients }) => gradients.length === 0)) return 'nothing';
  const isSound = (check: Check): boolean => check.verdict === 'sound';
  const missing = heard.announcements.filter(
    ({ hotkey, digest }) =>
      hotkey !== input.plan.hotkey &&
      decision.peers.some(
        (peer) => peer.outcome === 'merged' && peer.announcement === digest && peer.hotkey === hotkey,
      ) &&
      !heard.checks.some((check) => check.digest === digest && isSound(check)),
  );
  if (missing.length === 0) return 'merged';
  const sources = await voice.access(directory.peers.filter(({ hotkey }) => hotkey !== input.plan.hotkey));
  const checks = await Promise.all(
    missing.map((announcement) => fetchFrom(input.plan.model, voice, announcement, sources)),
  );
  return checks.every(isSound) ? 'merged' : 'incomplete';
}
