import { field, group } from '../field.ts';
import { integer } from '../value-types.ts';

const day = 86_400;
const about = 'How long to wait for others: the chain, a peer, a child process.';

/** Bounds of what depends on others: a peer, a chain, a child process. */
const chainCall = field(integer(1, day), 30, {
  about: 'Seconds that one call to the chain may take.',
  example: 30,
  roles: ['validator', 'server', 'miner'],
});
const transfer = field(integer(1, day), 1800, {
  about: 'Seconds that one upload or download of a checkpoint may take.',
  example: 900,
  roles: ['server', 'miner'],
});

export const validatorTimeouts = group(about, {
  chain_call_seconds: chainCall,
  transfer_seconds: transfer,
  evaluation_seconds: field(integer(1, day), 300, {
    about: 'Seconds that the evaluation of one submission may take before its process is replaced.',
    example: 300,
    roles: ['validator'],
  }),
});

export const minerTimeouts = group(about, { chain_call_seconds: chainCall, transfer_seconds: transfer });
