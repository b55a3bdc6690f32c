import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { MetricSink } from './sink.ts';

/** Points that are the last known value of something, with the originals' names where they have one. */
const gauges: Readonly<Record<string, readonly [name: string, help: string]>> = {
  'train/loss': ['miner_training_loss', 'Loss of the last step, in nats per token'],
  'train/perplexity': ['miner_perplexity', 'e to the loss of the last step'],
  'train/learning_rate': ['miner_learning_rate', 'Learning rate of the last step'],
  'train/grad_norm': ['miner_gradient_norm', 'Norm of the last gradients before clipping'],
  'train/grad_accum_steps': ['miner_grad_accum_steps', 'Batches of each process in one step'],
  'train/loss_scale': ['miner_loss_scale', 'What the loss is multiplied with'],
  'train/tokens_per_second': ['miner_tokens_per_sec', 'Tokens trained on in a second'],
  'train/tokens': ['miner_total_tokens', "Tokens that this cycle's training has seen"],
  'train/samples': ['miner_total_samples', "Rows that this cycle's training has seen"],
  'train/step_seconds': ['miner_step_time_seconds', 'Seconds that the last step took'],
  'eval/loss': ['miner_validation_loss', "Loss on the miner's own held-out rows"],
  'eval/best_step': ['miner_best_step', 'The step that would be committed now'],
  'verdict/loss_before': ['miner_verdict_loss_before', "The validator's loss of the base, last cycle with a verdict"],
  'verdict/loss_after': ['miner_verdict_loss_after', "The validator's loss of the submission"],
  'verdict/w': ['miner_verdict_w', 'Relative drop of the loss in the last verdict'],
  'verdict/score': ['miner_verdict_score', 'Score after the last verdict'],
};

/**
 * The last values, for Prometheus to fetch. The expert group is the only label: cycles, steps and hotkeys would be
 * series without end.
 */
export function prometheusSink(registry: Registry): MetricSink {
  const registers = [registry];
  const labelNames = ['expert_group'] as const;
  const known = new Map(
    Object.entries(gauges).map(([key, [name, help]]) => [key, new Gauge({ name, help, labelNames, registers })]),
  );
  const cycle = new Gauge({ name: 'miner_cycle', help: 'The cycle of the last value', labelNames, registers });
  const step = new Gauge({ name: 'miner_step', help: 'Steps done in this cycle', labelNames, registers });
  const rate = new Gauge({ name: 'miner_local_step_rate', help: 'Steps in a second', labelNames, registers });
  const skipped = new Counter({
    name: 'miner_skipped_steps_total',
    help: 'Steps whose loss or gradients were not finite',
    labelNames,
    registers,
  });
  const hours = new Counter({
    name: 'miner_total_training_time_hours',
    help: 'Hours spent in steps since this process began',
    labelNames,
    registers,
  });
  const saving = new Histogram({
    name: 'miner_checkpoint_save_latency_seconds',
    help: 'Seconds that it takes to save a checkpoint',
    buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 30, 120],
    labelNames,
    registers,
  });
  return {
    take(point) {
      const labels = { expert_group: String(point.group) };
      cycle.set(labels, point.cycle);
      if (point.step !== null) step.set(labels, point.step);
      for (const [key, value] of Object.entries(point.values)) known.get(key)?.set(labels, value);
      const seconds = point.values['train/step_seconds'];
      if (seconds !== undefined && seconds > 0) {
        rate.set(labels, 1 / seconds);
        hours.inc(labels, seconds / 3600);
      }
      skipped.inc(labels, point.values['train/skipped'] ?? 0);
      const saved = point.values['checkpoint/save_seconds'];
      if (saved !== undefined) saving.observe(labels, saved);
    },
    close: async () => undefined,
  };
}
