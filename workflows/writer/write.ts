import { log } from '@temporalio/workflow';
import type { ChainFailure } from '../../domain/chain-failure.ts';
import type { WriteOutcome } from '../../domain/chain-write.ts';
import type { ForeignWrite, Sighting } from '../../domain/foreign-write.ts';
import type { Confirmation, SignedWrite } from '../../domain/signed-write.ts';
import { type Blocks, blocks } from '../../domain/units.ts';
import type { WriterBook } from '../../domain/writer-state.ts';
import type { OpenWrite } from '../../domain/writer-types.ts';
import { codeOf, isFinalFailure, textOf } from '../../temporal/failures.ts';
import type { WriterSteps } from './steps.ts';

/** Blocks after which a write that only a change on chain can help is tried again. */
const stateRecheckBlocks = 10;

/** What a step learned of the chain. */
export interface Seen {
  readonly head: Blocks;
  readonly blockTimeMs: number;
}

/**
 * Takes one write as far as it goes now: guard, prepare, submit, confirm, settle. It ends with the write settled or
 * waiting; either way the line is free for the next one.
 */
export async function advance(book: WriterBook, steps: WriterSteps, write: OpenWrite): Promise<Seen | null> {
  const { request } = write;
  try {
    if (write.signed !== null) {
      await follow(book, steps, write, write.signed);
      return null;
    }
    const verdict = await steps.guard(request, book.state.footprint);
    const { head, sighting } = verdict;
    if (sighting !== undefined) noteOthers(book, sighting);
    if (book.stopped) return verdict;
    // A newer vector or the operator may have settled it in the meantime.
    if (book.find(request.key) === undefined) return verdict;
    switch (verdict.kind) {
      case 'already':
        book.settle(request.key, { kind: 'already', block: verdict.block });
        return verdict;
      case 'refused':
        book.settle(request.key, { kind: 'refused', code: verdict.code, detail: verdict.detail });
        return verdict;
      case 'late':
        book.settle(request.key, late(write, `the head is at block ${head}`));
        return verdict;
      case 'wait':
        book.wait(request.key, verdict.block, verdict.code, verdict.detail);
        return verdict;
      case 'go': {
        const signed = await steps.prepare(request, verdict.road);
        // Settled while it was being signed: the bytes have not left, and nobody will send them.
        if (book.find(request.key) === undefined) return verdict;
        book.sign(request.key, signed);
        await follow(book, steps, write, signed);
        return verdict;
      }
    }
  } catch (error) {
    // Activities are tried again by themselves for as long as that can help; what comes here is final.
    const code = codeOf(error);
    if (code === null || !isFinalFailure(error)) throw error;
    book.settle(request.key, { kind: 'refused', code, detail: textOf(error) });
    return null;
  }
}

/** Takes in what a look saw of other writers; a foreign write stops the book. */
export function noteOthers(book: WriterBook, sighting: Sighting): void {
  book.looked(sighting);
  if (sighting.foreign !== null) tell(sighting.foreign);
}

/** Takes in what was seen beside a write of ours, in its block. */
export function noteBeside(book: WriterBook, { foreign }: Extract<Confirmation, { kind: 'included' }>): void {
  if (foreign === undefined) return;
  book.stop(foreign);
  tell(foreign);
}

function tell(foreign: ForeignWrite): void {
  log.error(foreignText(foreign), { event: 'foreign_write', what: foreign.what });
}

/** Sends signed bytes until a block holds them, or until no block can. */
async function follow(book: WriterBook, steps: WriterSteps, write: OpenWrite, signed: SignedWrite): Promise<void> {
  const { request } = write;
  const { key, deadline } = request;
  for (;;) {
    const sent = await steps.submit(request, signed);
    // Whatever was answered, the chain decides: after a restart these bytes may have been sent long ago.
    const found = await steps.confirm(request, signed);
    if (found.kind === 'included') {
      noteBeside(book, found);
      include(book, write, signed, found);
      return;
    }
    if (deadline !== null && found.head >= deadline) {
      const detail = `not in any block up to ${found.head}`;
      book.settle(key, late(write, sent.kind === 'failed' ? `${detail}; ${sent.failure.detail}` : detail));
      return;
    }
    if (found.dead !== null) {
      book.unsign(key);
      return;
    }
    if (sent.kind === 'failed' && !goesOn(sent.failure)) {
      hold(book, key, sent.failure, found.head);
      return;
    }
  }
}

/** The same bytes may still make it without anybody's doing. */
const goesOn = ({ class: kind }: ChainFailure): boolean => kind === 'refresh' || kind === 'expired';

function include(
  book: WriterBook,
  { request }: OpenWrite,
  signed: SignedWrite,
  found: Extract<Confirmation, { kind: 'included' }>,
): void {
  const { block, index, failure, foreign } = found;
  const { hash: extrinsicHash, uids, values, commit } = signed;
  const { deadline, key } = request;
  if (failure !== null) {
    // The block used the bytes up, so a new signature is safe.
    book.unsign(key);
    // What somebody else wrote over stays wanted: the operator's word decides whether it is written again.
    if (foreign === undefined || failure.code !== 'OST_CHAIN_EFFECT_ABSENT') hold(book, key, failure, block.number);
    return;
  }
  if (deadline !== null && block.number > deadline) {
    book.settle(key, { kind: 'deadline', deadline, detail: `included in block ${block.number}` });
    return;
  }
  const road = commit === undefined ? {} : { road: commit.road };
  book.include(key, { kind: 'included', extrinsicHash, block: block.number, index, uids, values, ...road }, block);
}

/** Failures after which another road is taken, or the guard has the last word. */
const rethought: ReadonlySet<string> = new Set([
  'OST_CHAIN_COMMIT_REVEAL',
  'OST_CHAIN_COMMIT_MISSING',
  'OST_CHAIN_COMMIT_EXPIRED',
]);

/** Waits as long as the failure's class says, or ends the write. */
function hold(book: WriterBook, key: string, failure: ChainFailure, head: Blocks): void {
  const { class: kind, code, detail } = failure;
  switch (kind) {
    case 'retry_at':
      // At least one block on: an answer that is one block old must not turn into a tight loop.
      book.wait(key, blocks(Math.max(failure.block ?? 0, head + 1)), code, detail);
      break;
    case 'wait_state':
      book.wait(key, blocks(head + stateRecheckBlocks), code, detail);
      break;
    case 'refresh':
    case 'expired':
      book.wait(key, blocks(head + 1), code, detail);
      break;
    case 'config':
    case 'fatal':
      // Commit-reveal was switched between guard and block, or the window moved: the guard decides anew.
      if (rethought.has(code)) book.wait(key, blocks(head + 1), code, detail);
      else book.settle(key, { kind: 'refused', code, detail });
  }
}

export const foreignText = ({ what, detail, head }: ForeignWrite): string =>
  `another deployment signs with this hotkey: ${what}, ${detail}; seen at block ${head}`;

const late = ({ request, wait }: OpenWrite, detail: string): WriteOutcome => ({
  kind: 'deadline',
  deadline: request.deadline ?? blocks(0),
  detail: wait === null ? detail : `${detail}; waited for ${wait.code}: ${wait.detail}`,
});
