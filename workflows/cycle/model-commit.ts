import { signatureCommit, validatorHashCommit } from '../../domain/commit-payload.ts';
import type { ModelRecord } from '../../domain/cycle-record.ts';
import { signs } from '../../domain/weights-rules.ts';
import { commitmentKey } from '../../temporal/ids.ts';
import { askWriter } from './ask.ts';
import { type CycleContext, cycleActivities, enter, lastBlockFor } from './context.ts';

type CommitPhase = 'ValidatorCommit1' | 'ValidatorCommit2';

/**
 * Commits the model in two halves, first a signature of its hash and then the hash, so that nobody can copy a hash
 * that is not signed yet. The second half does not wait for the first one's answer: a phase may be one block long.
 */
export async function commitModel(context: CycleContext, model: ModelRecord): Promise<void> {
  const { signer } = cycleActivities(context.queues);
  const inTime = (await enter(context, 'ValidatorCommit1')) === 'in time';
  // Without a signature there is no first half, and a mode that signs nothing has none.
  if (inTime && signs(context.plan.weights.mode)) {
    const { signature } = await signer.signMessage.executeWithOptions({ summary: `model ${model.hash}` }, [
      { purpose: 'commit_hash', modelHash: model.hash },
    ]);
    await ask(context, 'ValidatorCommit1', signatureCommit(signature));
  }
  if ((await enter(context, 'ValidatorCommit2')) === 'in time') {
    const { expertGroup: group } = context.plan;
    await ask(
      context,
      'ValidatorCommit2',
      validatorHashCommit({ modelHash: model.hash, version: model.version, group }),
    );
  }
}

async function ask(context: CycleContext, phase: CommitPhase, text: string): Promise<void> {
  const { plan } = context;
  await askWriter(context, {
    key: commitmentKey(plan.netuid, plan.cycle, phase),
    call: { kind: 'set_commitment', netuid: plan.netuid, text },
    deadline: lastBlockFor(context, phase),
  });
}
