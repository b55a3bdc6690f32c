import { field, group } from '../field.ts';
import { boolean, integer } from '../value-types.ts';

const about = 'How files of models are fetched.';

const ranges = field(integer(1, 16), 4, {
  about: 'Ranges of one file that are fetched at a time, each over a connection of its own.',
  example: 4,
  roles: ['validator', 'miner'],
});

export const minerTransfers = group(about, { ranges });

const validator = ['validator'] as const;

export const validatorTransfers = group(about, {
  ranges,
  private_addresses: field(boolean, false, {
    about:
      'Whether a submission may be fetched from a private or local address that its miner named. The address is a ' +
      "stranger's choice: true is for a subnet of one's own network.",
    example: false,
    roles: validator,
  }),
  slowest_bytes_per_second: field(integer(0), 131_072, {
    about:
      "Bytes that a miner's server must bring in a second, over 20 seconds; a slower one is given up for the time.",
    example: 131_072,
    roles: validator,
  }),
});
