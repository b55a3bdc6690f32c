import { isCancellation, sleep } from '@temporalio/workflow';
import type { TrainedGroup, UploadOutcome } from '../../activities/miner/activities.ts';
import type { ValidatorSeat } from '../../domain/miner-plan.ts';
import { type Blocks, blocks } from '../../domain/units.ts';
import { untilBlock } from '../shared/until-block.ts';
import type { MinerContext } from './context.ts';

interface Ended {
  readonly outcome: Exclude<UploadOutcome, { readonly kind: 'sign_again' }>;
  readonly validator: ValidatorSeat;
}

/**
 * Uploads the file within the Submission phase. A signature names the block it was made at and lives for a few
 * blocks only, so a retry that comes too late is signed anew. Null: the phase ended first.
 */
export async function submit(context: MinerContext, trained: TrainedGroup): Promise<Ended | null> {
  if (!(await context.enter('Submission'))) return null;
  return untilBlock(context.clock, context.lastBlockFor('Submission'), 'the Submission phase ends', async () => {
    try {
      return await uploadUntilTold(context, trained);
    } catch (error) {
      if (isCancellation(error)) return null;
      throw error;
    }
  });
}

async function uploadUntilTold(context: MinerContext, trained: TrainedGroup): Promise<Ended> {
  const { io } = context.activities;
  const { cycle, group, schedule } = context.plan;
  const validator = await io.findAssigned.executeWithOptions({ summary: `who judges it in cycle ${cycle}` }, [
    { schedule, cycle },
  ]);
  for (;;) {
    const signed = await context.sign(validator, trained.modelHash);
    const outcome = await io.uploadSubmission.executeWithOptions({ summary: `group ${group} to ${validator.url}` }, [
      { signed, group, cycle, trained },
    ]);
    if (outcome.kind === 'sign_again') {
      await untilSignable(context, outcome.code, signed.block);
      continue;
    }
    if (outcome.kind === 'accepted') {
      context.log(
        'submission',
        `submitted model block=${signed.block} destination={'${validator.hotkey}'} hash=${trained.modelHash} path=model_expgroup_${group}.safetensors`,
        { event: 'submitted', hash: trained.modelHash, block: signed.block, validator: validator.hotkey },
      );
      context.log('submission', 'task completed.');
    }
    context.did(
      'Submission',
      outcome.kind === 'accepted'
        ? `${outcome.bytes} bytes accepted by \`${validator.hotkey}\`, file \`${outcome.digest}\``
        : `refused with ${outcome.code}: ${outcome.detail}`,
    );
    return { outcome, validator };
  }
}

/**
 * What keeps an upload that broke off from being sent again is only its signature, which the server has seen: another
 * one of the same block will do, and in a phase of one block there is no other. Any other refusal is of the block.
 */
async function untilSignable({ clock }: MinerContext, code: string, block: Blocks): Promise<void> {
  if (code === 'OST_HTTP_REPLAYED') await sleep('1s', { summary: 'a fresh signature' });
  else await clock.reach(blocks(block + 1), 'a fresh signature');
}
