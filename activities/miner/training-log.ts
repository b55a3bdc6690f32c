import type { TrainingProgress } from '../../adapters/model/trainer.ts';
import type { ActivityLog } from '../log.ts';
import type { MinerTrainActivities } from './activities.ts';

type TrainingInput = Parameters<MinerTrainActivities['trainGroup']>[0];

/**
 * The lines of the original miner's training log. Gradients are float32 throughout, so that no scaler takes part; its
 * line keeps its name, because that is what operators search for, and says `None` for the scales.
 */
export function trainingLog(log: ActivityLog, hotkey: string, { cycle, slice, training }: TrainingInput) {
  const about = { hotkey, group: slice.group, cycle };
  let begun = false;
  log.info({ event: 'training_setup', ...about }, '(0) Setup training');
  return ({ step, loss, gradNorm, gradSum, ...progress }: TrainingProgress): void => {
    if (!begun) {
      begun = true;
      const meta = `<ModelCheckpoint hash=${slice.modelHash} version=${slice.version} group=${slice.group}>`;
      log.info({ event: 'training_ready', ...about }, 'setup_training: success!');
      log.info(
        { event: 'training_started', ...about, step },
        `(1) Start epoch training current_model_meta=${meta} gradient_accumulation_steps=1 inner_opt_step=${step} is_inner_optimizer_step=True step=${step}`,
      );
    }
    log.info(
      { event: 'training_step', ...about, step, loss, gradNorm, gradSum, ...progress },
      `batch loss inner_opt_step=${step} loss=${loss.toFixed(3)}`,
    );
    const skipped = Number.isFinite(loss) ? 'False' : 'True';
    log.info(
      { event: 'optimizer_step', ...about, step },
      `GradScaler for optimizer step grad_norm=${gradNorm.toFixed(3)} grad_sum=${gradSum.toFixed(3)} scale_after=None scale_before=None skipped=${skipped}`,
    );
    if (progress.checkpoint === null) return;
    log.info(
      { event: 'training_checkpoint', ...about, step, checkpoint: progress.checkpoint },
      `Checkpoint saved checkpoint_interval=${training.checkpointEverySteps} inner_opt_step=${step}`,
    );
  };
}
