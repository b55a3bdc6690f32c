import { field, group } from '../field.ts';
import { integer } from '../value-types.ts';

const about = 'How files of models are fetched.';

const ranges = field(integer(1, 16), 4, {
  about: 'Ranges of one file that are fetched at a time, each over a connection of its own.',
  example: 4,
  roles: ['validator', 'miner'],
});

export const minerTransfers = group(about, { ranges });

export const validatorTransfers = group(about, { ranges });
