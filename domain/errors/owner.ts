import { defineErrors } from './define.ts';

/** The owner's phase service, and the schedule that comes from it. */
export const ownerErrors = defineErrors({
  OST_OWNER_UNREACHABLE: {
    fault: 'ours',
    what: "The owner's phase service {url} gives no answer: {detail}.",
    todo: 'The last known schedule is used meanwhile, and the service is asked again at the next cycle.',
  },
  OST_OWNER_REFUSED: {
    fault: 'config',
    what: "The owner's phase service {url} refuses with status {status}.",
    todo: 'Check cycle.owner_url; some services refuse addresses of data centres.',
  },
  OST_OWNER_ANSWER: {
    fault: 'peer',
    what: "What the owner's phase service {url} says is no schedule: {problem}.",
    todo: 'Tell the owner of the subnet; the last known schedule is used meanwhile.',
  },
  OST_SCHEDULE_UNKNOWN: {
    fault: 'config',
    what: 'No schedule is known: {reason}',
    todo: 'Start again when the service answers, or leave cycle.owner_url empty and set schedule to the nine lengths.',
    retry: true,
  },
});
