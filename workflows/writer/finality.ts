import { condition, log } from '@temporalio/workflow';
import type { WriterBook } from '../../domain/writer-state.ts';
import type { Unfinal } from '../../domain/writer-types.ts';
import { isFinalFailure, textOf } from '../../temporal/failures.ts';
import type { WriterSteps } from './steps.ts';
import { noteBeside } from './write.ts';

/**
 * Watches included writes until their blocks are final, beside the main line: nobody waits for it. What a
 * reorganisation undid is sent again, the same bytes while they live, signed anew once they are dead.
 */
export async function watchFinality(book: WriterBook, steps: WriterSteps): Promise<never> {
  for (;;) {
    await condition(() => book.state.unfinal.length > 0);
    const [entry] = book.state.unfinal;
    if (entry === undefined) continue;
    try {
      await follow(book, steps, entry);
    } catch (error) {
      if (!isFinalFailure(error)) throw error;
      // The write is settled already; what cannot be watched any more must not stop the writer.
      log.warn(`${entry.request.key} is not watched to its end: ${textOf(error)}`, { event: 'finality_unknown' });
      book.finalize(entry.request.key);
    }
  }
}

async function follow(book: WriterBook, steps: WriterSteps, entry: Unfinal): Promise<void> {
  const { key } = entry.request;
  const found = await steps.finality(entry);
  switch (found.kind) {
    case 'final':
      book.finalize(key);
      break;
    case 'moved':
      book.move(key, found.block);
      break;
    case 'pending':
      break;
    case 'reverted': {
      if (found.dead !== null) {
        book.reopen(key);
        break;
      }
      // Another deployment writes, too: an operator says first which of the two goes on.
      await condition(() => !book.stopped);
      await steps.submit(entry.request, entry.signed);
      const again = await steps.confirm(entry.request, entry.signed);
      if (again.kind === 'included') {
        noteBeside(book, again);
        book.move(key, again.block);
      } else if (again.dead !== null) book.reopen(key);
    }
  }
}
