export { chainLabel } from '../domain/chain-label.ts';

/**
 * Workflow ids, task queues and idempotency keys: every name that two parts have to agree on, built here and nowhere
 * else. Pure text, so that workflow code may import it. A workflow id is the lock that keeps one process of its kind
 * alone in a namespace.
 */

export const cycleId = (chain: string, netuid: number, hotkey: string): string => `cycle/${chain}/${netuid}/${hotkey}`;

/** One miner's submission to one validator in one cycle (`cycle` is the cycle's number). */
export const submissionId = (chain: string, netuid: number, validator: string, cycle: number, miner: string): string =>
  `submission/${chain}/${netuid}/${validator}/${cycle}/${miner}`;

/** A part of the submissions of a cycle that has many. */
export const cohortId = (chain: string, netuid: number, validator: string, cycle: number, name: string): string =>
  `cohort/${chain}/${netuid}/${validator}/${cycle}/${name}`;

export const mergeId = (chain: string, netuid: number, validator: string, cycle: number): string =>
  `merge/${chain}/${netuid}/${validator}/${cycle}`;

export const minerId = (chain: string, netuid: number, hotkey: string): string => `miner/${chain}/${netuid}/${hotkey}`;

/** No netuid: a hotkey's nonces are one sequence for all subnets. */
export const writerId = (chain: string, hotkey: string): string => `writer/${chain}/${hotkey}`;

/**
 * Task queues of a deployment (one namespace). `workflows` and `chain` are shared by all hotkeys of the namespace:
 * every worker of a role can run them. The others are served by the one process that holds a hotkey's folder, key or
 * device, and carry the hotkey in their name (see {@link queuesOf}).
 */
export const taskQueues = {
  /** Workflows and light activities, by role. */
  workflows: { validator: 'validator', miner: 'miner' },
  /** Chain reads and submissions; rate-limited as a whole, so that a fleet does not overrun its endpoint. */
  chain: 'chain',
  transfer: 'transfer',
  pull: 'pull',
  gpu: 'gpu',
  ledger: 'ledger',
  signer: 'signer',
} as const;

export type Role = keyof typeof taskQueues.workflows;

/** The queue of the signing worker that holds this hotkey's key. */
export const signerQueue = (hotkey: string): string => `${taskQueues.signer}/${hotkey}`;

/** The task queues of one hotkey, as its workflows get them in their input. */
export interface Queues {
  readonly workflows: string;
  readonly chain: string;
  /** Uploads, downloads and hashing in the hotkey's folder. */
  readonly transfer: string;
  /** Files that miners serve themselves. Apart from the others, so that slow servers hold up nothing else. */
  readonly pull: string;
  /** Evaluation or training; one slot per device. */
  readonly gpu: string;
  /** Reads and writes of the hotkey's ledger and published model. */
  readonly ledger: string;
  readonly signer: string;
}

/** The task queues of one hotkey. */
export const queuesOf = (role: Role, hotkey: string): Queues => ({
  workflows: taskQueues.workflows[role],
  chain: taskQueues.chain,
  transfer: `${taskQueues.transfer}/${hotkey}`,
  pull: `${taskQueues.pull}/${hotkey}`,
  gpu: `${taskQueues.gpu}/${hotkey}`,
  ledger: `${taskQueues.ledger}/${hotkey}`,
  signer: signerQueue(hotkey),
});

/** Key of the vector of one period; `period` is the first block of the cycle or interval that produced it. */
export const weightsKey = (netuid: number, mecid: number, period: number): string =>
  `weights/${netuid}/${mecid}/${period}`;

/** Key of a vector that is sent again; `tempoStart` is the first block of the tempo. */
export const resendKey = (netuid: number, mecid: number, tempoStart: number): string =>
  `resend/${netuid}/${mecid}/${tempoStart}`;

/** Key of one of a cycle's commitments; `phase` tells the two of a cycle apart. */
export const commitmentKey = (netuid: number, cycle: number, phase: string): string =>
  `commitment/${netuid}/${cycle}/${phase}`;

/** Key of a served address: the same address is one write however often it is asked, another address is another. */
export const axonKey = (netuid: number, ip: string, port: number, since: number): string =>
  `axon/${netuid}/${ip}:${port}/${since}`;
