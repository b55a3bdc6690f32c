import { deadlinePolicies, weightsModes } from '../../domain/weights-rules.ts';
import { field, group, optional } from '../field.ts';
import { choice, integer, number } from '../value-types.ts';

const validator = ['validator'] as const;

/** What may be published, and who has a say in it. */
export const weightsFields = {
  weights: group('What holds a weight vector back, and what then becomes of it.', {
    mode: field(choice(weightsModes), 'full', {
      about:
        'watch: judge and never sign anything for the chain. dry-run: the same, and record what would be sent. ' +
        'vote: every vector waits for an operator. full: a vector waits only where a guardrail trips.',
      example: 'dry-run',
      roles: validator,
    }),
    mechanism: field(integer(0, 15), 0, {
      about: "Number of the mechanism (sub-subnet) that the weights are set for; 0 is every subnet's first.",
      example: 1,
      roles: validator,
    }),
    policy: field(choice(deadlinePolicies), 'last_good', {
      about:
        'What becomes of a vector that no operator decided on by the last block of its cycle: the last good vector ' +
        'is sent in its place, it is published anyway, or nothing is sent.',
      example: 'nothing',
      roles: validator,
    }),
    min_coverage: field(number(0, 1), 0.5, {
      about: 'Least share of the assigned miners that must have a verdict.',
      example: 0.8,
      roles: validator,
    }),
    max_movement: field(number(0, 1), 0.5, {
      about: 'Most weight that may move between two vectors: half the sum of the differences of all shares.',
      example: 0.3,
      roles: validator,
    }),
    max_share: field(number(0, 1), 1, {
      about: 'Largest share of the weight that one miner may get; 1 for no limit.',
      example: 0.4,
      roles: validator,
    }),
    max_departed: field(number(0, 1), 0.2, {
      about: 'Most weight that may belong to hotkeys which lost their uid since they were scored; they get none of it.',
      example: 0.1,
      roles: validator,
    }),
    resend_after_blocks: optional(integer(1), {
      about:
        "Blocks since the hotkey's last update after which its last good vector is sent again where a cycle has none. " +
        'Empty: never. A hotkey without an update counts as inactive after 5,000 blocks on most subnets.',
      example: 4000,
      roles: validator,
    }),
  }),
};
