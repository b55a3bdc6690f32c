import { providerSettings } from '../../domain/execution-provider.ts';
import { strategyNames } from '../../domain/scoring/rule.ts';
import { field, group, optional } from '../field.ts';
import { choice, dataset, integer, number, text } from '../value-types.ts';

const validator = ['validator'] as const;

/** How submissions are judged and merged. */
export const evaluationFields = {
  eval_dataset_path: optional(dataset, {
    about:
      'Held-out data that submissions are judged on: Parquet or JSON lines, here or on the Hugging Face hub ' +
      "(hf:OWNER/NAME@REVISION, then : and a glob or CONFIG/SPLIT). Empty: the held-out slices in the model's folder.",
    example: '/data/validation/held-out.jsonl',
    roles: validator,
  }),
  eval_text_column: field(text('the name of a column'), 'text', {
    about: 'Column, or key, of eval_dataset_path that holds the text.',
    example: 'content',
    roles: validator,
  }),
  eval_batch_size: field(integer(1, 65_536), 8, {
    about: 'Rows in one evaluation batch. Of a small model several are run at once, which changes no loss.',
    example: 8,
    roles: validator,
  }),
  eval_rows: field(integer(1), 32, {
    about: "Rows of a group's held-out slice that each submission of a cycle is judged on, chosen by the cycle's seed.",
    example: 64,
    roles: validator,
  }),
  evaluator_provider: field(choice(providerSettings), 'auto', {
    about:
      'Where losses are computed. auto: the first of CUDA, WebGPU and the processor that works here. ' +
      'A provider that is named is not replaced by another.',
    example: 'cuda',
    roles: validator,
  }),
  evaluator_processes: field(integer(1, 16), 1, {
    about: 'Evaluator processes, one for each device: with CUDA, each takes the next device.',
    example: 2,
    roles: validator,
  }),
  eval_selection: field(choice(['drawn', 'kept']), 'drawn', {
    about:
      "How the cycle's seed chooses those rows: drawn from all of them, or kept by the originals' rule, which takes " +
      'about every tenth from the beginning. All validators of a subnet must use the same.',
    example: 'kept',
    roles: validator,
  }),
  evaluator_threads: field(integer(0, 1024), 0, {
    about: 'Threads of all evaluator processes together; 0 takes as many as the machine has cores.',
    example: 4,
    roles: validator,
  }),
  score: group('How scores and weights follow from what was judged.', {
    strategy: field(choice(strategyNames), 'relative-drop-ema', {
      about:
        'relative-drop-ema: an average of the relative drops of the loss, and weights in proportion to it. ' +
        'ranked: points for the three best of each cycle, their mean over eight cycles, and weights for few.',
      example: 'ranked',
      roles: validator,
    }),
  }),
  score_ema_alpha: field(number(0, 1), 0.9, {
    about: 'Share of the old score in the new one: score = alpha · score + (1 − alpha) · w.',
    example: 0.9,
    roles: validator,
  }),
  consensus_timeout: field(integer(1), 60, {
    about:
      'Seconds from the beginning of Merge in which validators agree on scores, all of them alike. ' +
      'No longer than Merge itself, unless that has fewer than four blocks.',
    example: 60,
    roles: validator,
  }),
  seed: group('What chooses the rows that a cycle is judged on.', {
    source: field(choice(['validator_commits', 'block_hash']), 'validator_commits', {
      about: "Where a cycle's seed comes from: the seeds that validators commit, or the hash of a block after them.",
      example: 'block_hash',
      roles: validator,
    }),
    fixed: optional(integer(0, 4_294_967_295), {
      about:
        'A seed to commit in every cycle instead of a random one, so that a run can be repeated exactly. ' +
        'For tests only: a seed that is known beforehand can be trained for.',
      example: 7,
      roles: validator,
    }),
  }),
  merge: group('How validators merge what their miners learned.', {
    minimum_contributors: optional(integer(1, 256), {
      about:
        'Least number of validators, this one included, whose pseudo-gradients a step of the model needs; with fewer ' +
        'the model stays. Empty: 1 where no other validator serves an address, else 2.',
      example: 3,
      roles: validator,
    }),
  }),
  outer: group('The step that the model takes after each cycle.', {
    learning_rate: field(number(0, 10), 0.7, {
      about: "Learning rate of the model's outer step.",
      example: 0.7,
      roles: validator,
    }),
    momentum: field(number(0, 1), 0.9, {
      about: "Nesterov momentum of the model's outer step.",
      example: 0.9,
      roles: validator,
    }),
  }),
};
