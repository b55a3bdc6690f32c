import { precisions } from '../../domain/training-policy.ts';
import { field, group, optional } from '../field.ts';
import { argv, choice, dataset, integer, integerOr, number, path, text } from '../value-types.ts';

const miner = ['miner'] as const;

/** What a miner does between two submissions. */
export const trainingFields = {
  validator_hotkey: optional(text('an SS58 address', /^[1-9A-HJ-NP-Za-km-z]{46,50}$/), {
    about: "Address of the validator whose model is trained. Empty: the one that the cycle's assignment names.",
    example: '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY',
    roles: miner,
  }),
  artifact_location: optional(
    text(
      'a path on the own axon (/…), an address (http…) or a Hugging Face repository (OWNER/NAME@REVISION)',
      /^(?=.{1,47}$)(?:\/[^\s@]*|https?:\/\/[^\s/]+(?:\/\S*)?|[\w-][\w.-]*\/[\w-][\w.-]*(?:@[\w-][\w.-]*)?)$/,
    ),
    {
      about:
        'Where validators can fetch the trained file, told in MinerCommit2; at most 47 characters. The file is pushed ' +
        'in any case. Empty: it is only pushed.',
      example: '/model.safetensors',
      roles: miner,
    },
  ),
  artifact_folder: optional(path('a folder'), {
    about:
      'Folder that artifact_location leads to, of a web server of your own: the trained file is put there as ' +
      'model_expgroup_<group>.safetensors before it is committed. Empty: you bring it there.',
    example: '/var/www/checkpoints',
    roles: miner,
  }),
  seed: group("What the cycle's assignment of miners to validators follows from.", {
    source: field(choice(['validator_commits', 'block_hash']), 'validator_commits', {
      about:
        "Where a cycle's seed comes from: the seeds that validators commit, or a block's hash. As the validators have it.",
      example: 'block_hash',
      roles: miner,
    }),
  }),
  training: group('What the trainer process does in each cycle.', {
    steps: field(integerOr('until_phase_end', 1), 'until_phase_end', {
      about: 'Steps in one cycle: a fixed number, or as many as fit before the miners commit.',
      example: 200,
      roles: miner,
    }),
    batch_size: field(integer(1, 65_536), 8, {
      about: 'Rows that one training process takes at once.',
      example: 8,
      roles: miner,
    }),
    gradient_accumulation_steps: field(integer(1, 65_536), 1, {
      about: 'Batches of each process whose gradients make one step.',
      example: 4,
      roles: miner,
    }),
    world_size: field(integer(1, 1024), 1, {
      about:
        'Processes of the built-in trainer that share each step and average their gradients. A step has batch_size × ' +
        'gradient_accumulation_steps × world_size rows.',
      example: 2,
      roles: miner,
    }),
    learning_rate: field(number(0, 10), 0.001, {
      about: 'Highest learning rate; it is warmed up to, and falls as a cosine.',
      example: 0.00001,
      roles: miner,
    }),
    warmup_steps: field(integer(0), 10, {
      about: 'Steps in which the learning rate rises to its highest.',
      example: 0,
      roles: miner,
    }),
    total_steps: optional(integer(1), {
      about: 'Steps over which the learning rate falls, in each cycle. Empty: training.steps, or 300 where it is open.',
      example: 88_000,
      roles: miner,
    }),
    beta1: field(number(0, 1), 0.9, { about: "AdamW's first decay.", example: 0.9, roles: miner }),
    beta2: field(number(0, 1), 0.95, { about: "AdamW's second decay.", example: 0.95, roles: miner }),
    weight_decay: field(number(0, 10), 0.1, { about: "AdamW's weight decay.", example: 0.1, roles: miner }),
    max_grad_norm: field(number(0, 1_000_000), 1, {
      about: 'Norm that the gradients of a step are brought down to where they are longer.',
      example: 1,
      roles: miner,
    }),
    precision: field(choice(precisions), 'fp32', {
      about: 'Number format of the training. The built-in trainer has fp32; the others are for training.command.',
      example: 'bf16-mixed',
      roles: miner,
    }),
    loss_scale: field(integerOr('off', 1), 65_536, {
      about: 'What the loss is multiplied with at first, so that small gradients do not vanish, or off.',
      example: 65_536,
      roles: miner,
    }),
    loss_scale_growth_interval: field(integer(1), 2000, {
      about: 'Steps without an overflow after which the loss scale doubles; an overflow halves it.',
      example: 2000,
      roles: miner,
    }),
    checkpoint_interval_steps: field(integer(1), 20, {
      about: 'Steps between two checkpoints of the training; a killed trainer loses at most these.',
      example: 20,
      roles: miner,
    }),
    evaluation_interval_steps: optional(integer(1), {
      about:
        "Steps between two evaluations on rows of the miner's own data that are not trained on. The best weights of " +
        'all evaluations are committed. Empty: as checkpoint_interval_steps.',
      example: 20,
      roles: miner,
    }),
    checkpoints_kept: field(integer(1), 2, {
      about: "Newest checkpoints of training.command that stay on disk, beside the best one and the committed one's.",
      example: 2,
      roles: miner,
    }),
    dataset_path: optional(dataset, {
      about:
        'Training data: Parquet or JSON lines, here or on the Hugging Face hub (hf:OWNER/NAME@REVISION, then : and a ' +
        "glob or CONFIG/SPLIT). Empty: the group's part of the data in the model's folder.",
      example: '/data/train.jsonl',
      roles: miner,
    }),
    text_column: field(text('the name of a column'), 'text', {
      about: 'Column, or key, of dataset_path that holds the text.',
      example: 'content',
      roles: miner,
    }),
    threads: field(integer(0, 1024), 0, {
      about: 'Threads of all trainer processes together; 0 takes as many as the machine has cores.',
      example: 4,
      roles: miner,
    }),
    command: optional(argv, {
      about: 'A trainer of your own instead of the built-in one: a program with its arguments (docs/miner.md).',
      example: ['torchrun', '--nproc-per-node=4', 'train.py'],
      roles: miner,
    }),
    command_silence_seconds: field(integer(1, 86_400), 300, {
      about: 'Seconds without a line after which training.command counts as stuck and is started again.',
      example: 300,
      roles: miner,
    }),
  }),
};
