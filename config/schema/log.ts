import { field, group, optional } from '../field.ts';
import { boolean, integer, text } from '../value-types.ts';

const miner = ['miner'] as const;

/** Where a miner's numbers go, beside metrics.jsonl in its folder. */
export const logFields = group('Where the numbers of the training go, beside metrics.jsonl in the directory.', {
  prometheus_host: field(text('an address of this machine', /^[\w.:-]+$/), '127.0.0.1', {
    about: 'Address that /metrics is served on.',
    example: '0.0.0.0',
    roles: miner,
  }),
  prometheus_port: optional(integer(0, 65_535), {
    about: 'Port of /metrics of "miner train", and of a miner that is one process. Empty: none. 0 takes a free one.',
    example: 8100,
    roles: miner,
  }),
  prometheus_io_port: optional(integer(0, 65_535), {
    about: 'Port of /metrics of "miner io", which has the verdicts. Empty: none. 0 takes a free one.',
    example: 8101,
    roles: miner,
  }),
  wandb: field(boolean, false, {
    about: "Whether numbers go to Weights & Biases, by Python's wandb. WANDB_API_KEY and WANDB_MODE count as always.",
    example: true,
    roles: miner,
  }),
  wandb_project_name: field(text('a name', /^[\w.-]{1,128}$/), 'ostinato', {
    about: 'Project of Weights & Biases.',
    example: 'test-moe',
    roles: miner,
  }),
  wandb_run_id: optional(text('letters, digits, hyphens', /^[\w-]{1,64}$/), {
    about: 'The run to go on in. Empty: one for each directory, whose id follows from its hotkey and name.',
    example: 'my-run',
    roles: miner,
  }),
  wandb_python: field(text('a program'), 'python3', {
    about: 'The Python that has the package wandb.',
    example: '/opt/wandb/bin/python',
    roles: miner,
  }),
});
