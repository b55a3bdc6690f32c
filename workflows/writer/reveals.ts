import { CancellationScope, condition, isCancellation, log } from '@temporalio/workflow';
import type { WriterBook } from '../../domain/writer-state.ts';
import type { Reveal } from '../../domain/writer-types.ts';
import { isFinalFailure, textOf } from '../../temporal/failures.ts';
import type { WriterSteps } from './steps.ts';

/**
 * Watches committed weights until they are opened, each beside the others: epochs are long, and a newer vector may be
 * committed before an older one's time has come. Ends when it is cancelled; what is on its way is in the book.
 */
export async function watchReveals(book: WriterBook, steps: WriterSteps): Promise<never> {
  const watched = new Set<string>();
  const unwatched = (): Reveal | undefined =>
    book.watchable.find(({ request, signed }) => !watched.has(nameOf({ request, signed })));
  for (;;) {
    await condition(() => unwatched() !== undefined);
    const reveal = unwatched();
    if (reveal === undefined) continue;
    const name = nameOf(reveal);
    watched.add(name);
    follow(book, steps, reveal)
      .finally(() => watched.delete(name))
      .catch((error: unknown) => {
        if (!isCancellation(error)) log.error(textOf(error), { event: 'reveal_watch_failed' });
      });
  }
}

/** One vector may be committed more than once, when the epochs shift. */
const nameOf = ({ request, signed }: Pick<Reveal, 'request' | 'signed'>): string => `${request.key} ${signed.hash}`;

async function follow(book: WriterBook, steps: WriterSteps, reveal: Reveal): Promise<void> {
  const { key } = reveal.request;
  try {
    const sight = await steps.watchReveal(reveal);
    if (sight === null) return;
    if (sight.kind === 'lost' || sight.kind === 'misplaced') {
      log.warn(`${key}: ${sight.detail}`, { event: 'weights_reveal_lost', key, reason: sight.kind });
    }
    book.sight(key, sight);
  } catch (error) {
    if (CancellationScope.current().consideredCancelled || !isFinalFailure(error)) throw error;
    // Whatever became of it, the operator has to look; the writer goes on.
    book.sight(key, {
      kind: 'lost',
      code: 'OST_CHAIN_REVEAL_DROPPED',
      detail: `it could not be watched: ${textOf(error)}`,
      stored: [],
      head: reveal.block.number,
    });
  }
}
