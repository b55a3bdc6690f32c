import type { CheckpointProgress, TrainingProgress } from '../../adapters/model/trainer.ts';
import type { ActivityLog } from '../log.ts';
import type { MinerTrainActivities } from './activities.ts';

type TrainingInput = Parameters<MinerTrainActivities['trainGroup']>[0];

/** As Python prints them: what operators search their logs for. */
const python = (value: number | null): string =>
  value === null ? 'None' : Number.isInteger(value) ? value.toFixed(1) : String(value);
const truth = (value: boolean): string => (value ? 'True' : 'False');

/**
 * The lines of the original miner's training log. The scaler's line is there without a scaler, too, because that is
 * what operators search for; it then says `None`.
 */
export function trainingLog(log: ActivityLog, hotkey: string, { cycle, slice, training }: TrainingInput) {
  const about = { hotkey, group: slice.group, cycle };
  let begun = false;
  log.info({ event: 'training_setup', ...about }, '(0) Setup training');
  const checkpoint = ({ step, validation, bestStep, checkpoint: file }: CheckpointProgress): void => {
    if (validation !== null) {
      log.info(
        { event: 'training_evaluated', ...about, step, validation, bestStep },
        `local evaluation inner_opt_step=${step} val_loss=${validation.toFixed(4)} best_step=${bestStep}`,
      );
    }
    if (file === null) return;
    log.info(
      { event: 'training_checkpoint', ...about, step, checkpoint: file },
      `Checkpoint saved checkpoint_interval=${training.checkpointEverySteps} inner_opt_step=${step}`,
    );
  };
  const step = (progress: TrainingProgress): void => {
    const { step: done, loss, gradNorm, gradSum, lossScale, skipped } = progress;
    if (!begun) {
      begun = true;
      const meta = `<ModelCheckpoint hash=${slice.modelHash} version=${slice.version} group=${slice.group}>`;
      log.info({ event: 'training_ready', ...about }, 'setup_training: success!');
      log.info(
        { event: 'training_started', ...about, step: done },
        `(1) Start epoch training current_model_meta=${meta} gradient_accumulation_steps=${training.accumulationSteps} inner_opt_step=${done} is_inner_optimizer_step=True step=${done}`,
      );
    }
    log.info(
      { event: 'training_step', ...about, ...progress },
      `batch loss inner_opt_step=${done} loss=${loss.toFixed(3)}`,
    );
    const after = lossScale === null || lossScale.after === lossScale.before ? null : lossScale.after;
    log.info(
      { event: 'optimizer_step', ...about, step: done, lossScale },
      `GradScaler for optimizer step grad_norm=${gradNorm.toFixed(3)} grad_sum=${gradSum.toFixed(3)} scale_after=${python(after)} scale_before=${python(lossScale?.before ?? null)} skipped=${truth(skipped)}`,
    );
    checkpoint(progress);
  };
  return { step, checkpoint };
}
