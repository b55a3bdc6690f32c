import { setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import type { OpenWrite, WriterBook } from '../../domain/writer-state.ts';
import { searchAttributeKeys as keys } from '../../temporal/search-attribute-keys.ts';
import type { WriterInput } from './input.ts';
import type { WriterStatus } from './messages.ts';

const shownFinished = 10;

/** What a write is at, in words. */
function stateOf({ signed, wait, signatures }: OpenWrite): string {
  const times = signatures > 1 ? `, ${signatures} signatures` : '';
  if (wait !== null) return `waits for block ${wait.block} (${wait.code})${times}`;
  return signed === null ? `queued${times}` : `signed, nonce ${signed.nonce}, ${signed.hash}${times}`;
}

export const statusOf = ({ state }: WriterBook): WriterStatus => ({
  open: state.open.map((write) => ({
    key: write.request.key,
    kind: write.request.call.kind,
    state: stateOf(write),
    hash: write.signed?.hash ?? null,
    wait: write.wait,
  })),
  notFinal: state.unfinal.map(({ request }) => request.key),
  finished: state.finished.map(({ key, outcome }) => ({ key, outcome: outcome.kind })),
});

/** Search attributes that stay the same for a writer's whole life. */
export function introduce({ hotkey }: WriterInput): void {
  upsertSearchAttributes([
    { key: keys.hotkey, value: hotkey },
    { key: keys.role, value: 'writer' },
  ]);
}

/** Shows the Temporal UI what is open and what was settled last. */
export function show({ chain, hotkey }: WriterInput, book: WriterBook): void {
  const { open, finished } = book.state;
  const lines = [
    `Writer of \`${hotkey}\` on \`${chain}\``,
    '',
    ...(open.length === 0
      ? ['Nothing is open.']
      : open.map((write) => `- **${write.request.key}**: ${stateOf(write)}`)),
    '',
    ...finished
      .slice(-shownFinished)
      .toReversed()
      .map(
        ({ key, outcome }) =>
          `- ${key}: ${outcome.kind}${outcome.kind === 'included' ? ` in block ${outcome.block}` : ''}`,
      ),
  ];
  setCurrentDetails(lines.join('\n'));
}
