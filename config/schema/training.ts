import { field, group, optional } from '../field.ts';
import { integer, integerOr, number, path, text } from '../value-types.ts';

const miner = ['miner'] as const;

/** What a miner does between two submissions. */
export const trainingFields = {
  validator_hotkey: optional(text('an SS58 address', /^[1-9A-HJ-NP-Za-km-z]{46,50}$/), {
    about: "Address of the validator whose model is trained. Empty: the one that the cycle's assignment names.",
    example: '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY',
    roles: miner,
  }),
  training: group('What the trainer process does in each cycle.', {
    steps: field(integerOr('until_phase_end', 1), 'until_phase_end', {
      about: 'Steps in one cycle: a fixed number, or as many as fit before the miners commit.',
      example: 200,
      roles: miner,
    }),
    batch_size: field(integer(1, 65_536), 8, { about: 'Rows in one training step.', example: 8, roles: miner }),
    learning_rate: field(number(0, 10), 0.001, {
      about: 'Highest learning rate; it is warmed up to, and falls as a cosine.',
      example: 0.00001,
      roles: miner,
    }),
    checkpoint_interval_steps: field(integer(1), 20, {
      about: 'Steps between two checkpoints of the training; a killed trainer loses at most these.',
      example: 20,
      roles: miner,
    }),
    dataset_path: optional(path('a file or folder'), {
      about: "Training data. Empty: the group's part of the data in the model's folder.",
      example: '/data/train.jsonl',
      roles: miner,
    }),
    threads: field(integer(0, 1024), 0, {
      about: 'Threads of the trainer process; 0 takes as many as the machine has cores.',
      example: 4,
      roles: miner,
    }),
  }),
};
