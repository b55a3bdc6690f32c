import { field, group, optional } from '../field.ts';
import { integer, text } from '../value-types.ts';

const everybody = ['validator', 'server', 'miner'] as const;

/** The owner's phase service, by the originals' names. */
export const cycleFields = group("The owner's phase service, where the schedule comes from one.", {
  owner_url: optional(text('an address (http://… or https://…)', /^https?:\/\/[^\s/]+\/?$/), {
    about:
      "Address of the subnet owner's phase service. The phases' lengths then come from it, at the start of each cycle, " +
      'and schedule is not looked at. Empty: schedule counts.',
    example: 'https://cycle-api.connito.ai:443',
    roles: everybody,
  }),
  api_timeout_sec: field(integer(1, 60), 10, {
    about: 'Seconds that one question to the service may take.',
    example: 10,
    roles: everybody,
  }),
  api_retries: field(integer(0, 10), 5, {
    about: 'How often a question to the service is asked again while no schedule is known at all; later, once.',
    example: 5,
    roles: everybody,
  }),
  api_backoff_sec: field(integer(0, 60), 2, {
    about: 'Seconds before the first repetition; each further one waits twice as long.',
    example: 2,
    roles: everybody,
  }),
});
