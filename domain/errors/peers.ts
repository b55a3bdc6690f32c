import { defineErrors } from './define.ts';

/** What validators say to each other. */
export const peerErrors = defineErrors({
  OST_PEER_MALFORMED: {
    fault: 'peer',
    what: 'The message is none that validators exchange: {problem}.',
    todo: 'Send it as docs/peers.md describes.',
    status: 400,
  },
  OST_PEER_OTHER_SUBNET: {
    fault: 'peer',
    what: 'The message is for subnet {netuid} of the chain {genesis}, and this server is on another.',
    todo: 'Check which chain and subnet both sides are configured for.',
    status: 403,
  },
  OST_PEER_CYCLE: {
    fault: 'peer',
    what: 'The message is of cycle {cycle}, and the chain is in cycle {current}.',
    todo: 'Messages are taken in their own cycle alone; check that both sides use the same schedule.',
    status: 409,
  },
  OST_PEER_NO_PERMIT: {
    fault: 'peer',
    what: 'The hotkey {hotkey} has no validator permit, and this is between validators.',
    todo: 'Wait until an epoch gives it one, by its stake.',
    status: 403,
  },
  OST_PEER_CONTRADICTS: {
    fault: 'peer',
    what: '{hotkey} has sent two different messages "{purpose}" for cycle {cycle} already.',
    todo: 'Two are enough to show that it contradicts itself; the hotkey may run in two places.',
    status: 409,
  },
  OST_PEER_NO_ARTIFACT: {
    fault: 'peer',
    what: 'This validator holds no artefact {digest}.',
    todo: 'Ask the one that announced it, or another that vouched for it.',
    status: 404,
  },
  OST_PEER_TOO_MANY: {
    fault: 'peer',
    what: '{hotkey} has sent {count} requests within {windowSeconds} s.',
    todo: 'Ask less often; one message of each purpose in a cycle is enough.',
    status: 429,
  },
  OST_PEER_UNREACHABLE: {
    fault: 'peer',
    what: 'The validator at {url} does not answer: {detail}.',
    todo: 'It is asked again until the deadline; its operator can check the address that it has on chain.',
    retry: true,
  },
  OST_PEER_REFUSED: {
    fault: 'peer',
    what: 'The validator at {url} refused with {status} {code}: {detail}.',
    todo: 'The code says why; compare the clocks, the schedules and the versions of both sides.',
  },
  OST_MODEL_UNFIT: {
    fault: 'peer',
    what: 'Model {hash} of {url} cannot be taken over: {problem}.',
    todo: 'Another validator of the majority is asked; if none has it, the next cycle waits.',
  },
  OST_PEER_ANSWER: {
    fault: 'peer',
    what: 'The answer of {url} cannot be used: {problem}.',
    todo: 'Its operator should look after it; what it says is left out.',
  },
});
