import { field, optional } from '../field.ts';
import { endpoints, integer, logLevel, path, schedule, text } from '../value-types.ts';
import { cycleFields } from './cycle.ts';

const everybody = ['validator', 'server', 'miner'] as const;

/** Fields of seed 000's file, and a few more, that every deployment has. */
export const commonFields = {
  model_path: field(path('a folder, or "reference" for the model that ships with Ostinato'), 'reference', {
    about: 'Folder of the model: its graphs and its base weights. "reference" is the model that ships with Ostinato.',
    example: './models/Qwen3-VL-30B-Instruct',
    shipped: { reference: 'models/reference' },
    roles: everybody,
    essential: true,
  }),
  chain_endpoint: field(endpoints, 'wss://entrypoint-finney.opentensor.ai:443', {
    about: 'WebSocket address of the chain. Several are tried in their order when one fails.',
    example: ['wss://entrypoint-finney.opentensor.ai:443', 'ws://127.0.0.1:9944'],
    roles: everybody,
    essential: true,
  }),
  chain_archive_endpoint: optional(endpoints, {
    about:
      'WebSocket address of an archive node, or several. Asked only for states of the past that the nodes of ' +
      'chain_endpoint no longer have.',
    example: 'wss://archive.chain.opentensor.ai:443',
    roles: everybody,
  }),
  netuid: field(integer(0, 65_535), 42, {
    about: 'Number of the subnet.',
    example: 42,
    roles: everybody,
    essential: true,
  }),
  expert_group: field(integer(0, 65_535), 0, {
    about: 'Number of the expert group: the one that a miner trains, or that a validator names in its commitments.',
    example: 0,
    roles: ['validator', 'miner'],
  }),
  schedule: field(schedule, 'connito-472', {
    about:
      "The cycle's phases: the name of a schedule that ships, or nine lengths in blocks in the order Distribute, " +
      'Train, MinerCommit1, MinerCommit2, Submission, Validate, Merge, ValidatorCommit1, ValidatorCommit2. ' +
      'All parties of a subnet must use the same.',
    example: [20, 300, 8, 8, 20, 50, 50, 8, 8],
    roles: everybody,
  }),
  cycle: cycleFields,
  checkpoint_cache_dir: field(path('a folder'), 'artifacts', {
    about: 'Folder of the checkpoints and the other artefacts, each under its SHA-256.',
    example: './validator-cache',
    roles: everybody,
  }),
  max_checkpoints_cached: field(integer(1), 50, {
    about: 'Number of submitted or own checkpoints that are kept; the oldest go first.',
    example: 50,
    roles: everybody,
  }),
  auth_token: optional(text('a text without spaces', /^\S+$/), {
    about: 'Bearer token of the model server: /metrics and everything but /ping and /health ask for it.',
    example: 'a-long-random-text',
    roles: everybody,
    secret: true,
    variable: 'BZ_AUTH_TOKEN',
  }),
  state_dir: field(path('a folder'), '.ostinato', {
    about: "Folder of the state that this machine's deployments share: the embedded Temporal and the process records.",
    example: '/var/lib/ostinato',
    roles: everybody,
    base: 'cwd',
  }),
  log_level: field(logLevel, 'info', {
    about: 'The least severe log lines that are written.',
    example: 'debug',
    roles: everybody,
    aliases: ['RUST_LOG'],
  }),
};
