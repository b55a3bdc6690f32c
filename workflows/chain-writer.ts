import {
  ApplicationFailure,
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  getExternalWorkflowHandle,
  isCancellation,
  log,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { Blocks } from '../domain/units.ts';
import { WriterBook } from '../domain/writer-state.ts';
import type { Settlement } from '../domain/writer-types.ts';
import { isFinalFailure, textOf } from '../temporal/failures.ts';
import { watchFinality } from './writer/finality.ts';
import type { WriterInput } from './writer/input.ts';
import {
  acknowledge,
  drop,
  requestWrite,
  resolveForeign,
  retryNow,
  writerStatus,
  writeSettled,
} from './writer/messages.ts';
import { pause } from './writer/pause.ts';
import { watchReveals } from './writer/reveals.ts';
import { WriterSteps } from './writer/steps.ts';
import { statusOf, WriterView } from './writer/view.ts';
import { advance, noteOthers, type Seen } from './writer/write.ts';

export type { WriterInput } from './writer/input.ts';

/**
 * About how many blocks pass before a writer that has nothing to do looks whether another one signs with its hotkey.
 * Every write begins with such a look; this is for the hours between two writes of a long cycle.
 */
const idleLookBlocks = 10;

/** Where a run has not measured it yet: Subtensor's. */
const usualBlockTimeMs = 12_000;

/** Settled writes after which a run hands over to the next, so that its history stays easy to read. */
const settledPerRun = 100;

/**
 * The only place that has extrinsics signed for a hotkey. It takes one write after the other, because a hotkey's
 * nonces are one line, and answers everybody who asked.
 *
 * Each step is in this history before the next begins: a killed worker goes on with the very bytes that it signed.
 */
export async function ChainWriterWorkflow(input: WriterInput): Promise<never> {
  const book = new WriterBook(input.state);
  setHandler(requestWrite, (request) => book.accept(request));
  setHandler(writerStatus, () => statusOf(book));
  setHandler(retryNow, (key) => book.retry(key));
  setHandler(drop, (key) => dropWrite(book, key), { validator: (key) => mayDrop(book, key) });
  setHandler(resolveForeign, (decision) => book.resolve(decision), {
    validator: (decision) => mayResolve(book, decision),
  });
  setHandler(acknowledge, () => book.acknowledge());
  const view = new WriterView(input);

  const steps = new WriterSteps(input);
  const watches = new CancellationScope();
  const watching = watches
    .run(() => Promise.all([watchFinality(book, steps), watchReveals(book, steps)]))
    .catch(ignoreCancellation);
  let seen: Seen | null = null;
  let head: Blocks | null = null;
  let settled = 0;

  for (;;) {
    for (let outcome = book.pending; outcome !== undefined; outcome = book.pending) {
      await deliver(steps, outcome);
      book.delivered();
      settled += 1;
    }
    if (book.stopped && head !== null) book.expire(head);
    if (book.pending !== undefined) continue;
    view.show(book);
    if (settled >= settledPerRun || workflowInfo().continueAsNewSuggested) break;
    const write = book.next(head);
    if (write !== null) {
      seen = (await advance(book, steps, write)) ?? seen;
      head = seen?.head ?? head;
      continue;
    }
    const before = book.changes;
    const woken = () => book.changes !== before || workflowInfo().continueAsNewSuggested;
    const next = book.nextBlock();
    const idle = next === null && !book.stopped && book.state.footprint.nonce !== null;
    if (!idle) {
      head = (await pause(input.queues.chain, next, seen, woken)) ?? head;
    } else if (!(await condition(woken, idleLookBlocks * (seen?.blockTimeMs ?? usualBlockTimeMs)))) {
      seen = (await lookAround(book, steps)) ?? seen;
      head = seen?.head ?? head;
    }
  }

  watches.cancel();
  await watching;
  await condition(allHandlersFinished);
  return continueAsNew<typeof ChainWriterWorkflow>({ ...input, state: book.state });
}

/** Looks for what others wrote. Only a look: where it fails for good, the next write's own look says why. */
async function lookAround(book: WriterBook, steps: WriterSteps): Promise<Seen | null> {
  try {
    const { sighting, ...seen } = await steps.lookAround(book.state.footprint);
    if (sighting !== null) noteOthers(book, sighting);
    return seen;
  } catch (error) {
    if (!isFinalFailure(error)) throw error;
    log.warn(`could not look for other writers: ${textOf(error)}`, { event: 'foreign_look_failed' });
    return null;
  }
}

/** Tells the askers first, because a phase may wait for it, and then the ledger. */
async function deliver(steps: WriterSteps, settlement: Settlement): Promise<void> {
  const { request, outcome, replyTo, record } = settlement;
  log.debug(`${request.key}: ${outcome.kind}`);
  await Promise.all(replyTo.map((workflowId) => answer(workflowId, settlement)));
  if (record) await recordIn(steps, settlement);
}

/** A ledger that refuses for good must not end the writer, and with it every later write of the hotkey. */
async function recordIn(steps: WriterSteps, settlement: Settlement): Promise<void> {
  try {
    await steps.record(settlement);
  } catch (error) {
    if (!isFinalFailure(error)) throw error;
    log.error(`${settlement.request.key} is not in the ledger: ${textOf(error)}`, { event: 'write_not_recorded' });
  }
}

async function answer(workflowId: string, { request, outcome }: Settlement): Promise<void> {
  try {
    await getExternalWorkflowHandle(workflowId).signal(writeSettled, { key: request.key, outcome });
  } catch (error) {
    if (isCancellation(error)) throw error;
    // Whoever asked is gone; the ledger keeps the outcome.
    log.info(`${workflowId} no longer waits for ${request.key}`, { event: 'write_reply_undeliverable' });
  }
}

function mayDrop(book: WriterBook, key: string): void {
  const write = book.find(key);
  if (write === undefined) throw ApplicationFailure.nonRetryable(`no open write ${key}`, 'OST_WRITER_UNKNOWN_KEY');
  if (write.signed !== null) {
    throw ApplicationFailure.nonRetryable(`${key} is signed and may be included`, 'OST_WRITER_SIGNED');
  }
}

function mayResolve({ stopped }: WriterBook, decision: unknown): void {
  if (decision !== 'this' && decision !== 'other') {
    throw ApplicationFailure.nonRetryable(
      `${String(decision)} is neither "this" nor "other"`,
      'OST_WRITER_NOT_STOPPED',
    );
  }
  if (!stopped) throw ApplicationFailure.nonRetryable('the writer has not stopped', 'OST_WRITER_NOT_STOPPED');
}

function dropWrite(book: WriterBook, key: string): void {
  book.settle(key, { kind: 'refused', code: 'OST_WRITER_DROPPED', detail: 'dropped by the operator' });
}

function ignoreCancellation(error: unknown): void {
  if (!isCancellation(error)) throw error;
}
